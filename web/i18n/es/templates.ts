/** Words of delivery templates, in Spanish. */
import type { Catalogue } from "../en/index.ts";
import type { templates as source } from "../en/templates.ts";

export const templates: Catalogue<typeof source> = {
  templates: {
    title: "Plantillas de envío",
    one: "Plantilla de envío",
    intro:
      "Conjuntos de contenido y ajustes con nombre. Un envío nuevo los copia; un cambio de la plantilla no cambia ningún envío existente.",
    new: "Nueva plantilla",
    newText: "Al principio no fija nada. Solo se copia lo que usted rellene; lo demás lo dice cada envío.",
    create: "Crear",
    label: "Etiqueta",
    builtIn: "Integrada",
    own: "Propia",
    bccOn: "Activado",
    bccOff: "Desactivado",
    builtInNote: "Esta plantilla viene con Envoi: se puede usar y duplicar, no cambiar.",
    missing: "No existe esa plantilla",
    conflict: "Otra persona ha cambiado esta plantilla desde que usted la abrió. No se ha sobrescrito nada.",
    use: "Nuevo envío",
    duplicate: "Duplicar",
    duplicateTitle: "Duplicar la plantilla",
    duplicateText: "La copia es suya y se puede cambiar.",
    copyOf: "Copia de {{label}}",
    delete: "Eliminar",
    deleteTitle: "¿Eliminar la plantilla «{{label}}»?",
    deleteText: "Los envíos creados a partir de ella se quedan como están.",
    more: "Más acciones",
    open: "Abrir su plantilla",
    saveAs: "Guardar como plantilla",
    saveAsText: "Contenido, remitente y ajustes tal como se guardaron; sin la audiencia.",
    saveAsYes: "Guardar",
    savedAs: "«{{label}}» está ahora entre las plantillas",
    chooseHint: "Se copian su contenido, su remitente y sus ajustes. Lo que haya escrito se queda.",
    published: "Publicada para mensajes individuales: versión {{version}}, {{at}}, por {{by}}",
    unpublished: "No publicada para mensajes individuales",
    publishedOld:
      "La plantilla va por la versión {{version}}. Los mensajes individuales siguen la publicada hasta que se publique de nuevo.",
    publishedToAll: "Sus mensajes llegan también a las personas de la lista de exclusión.",
    publish: "Publicar para mensajes individuales",
    publishAgain: "Publicar esta versión",
    publishTitle: "¿Publicar «{{label}}» para mensajes sueltos?",
    publishText:
      "Desde ahora los mensajes sueltos se hacen de la versión {{version}}. Los cambios posteriores cuentan cuando se publica de nuevo.",
    ignoreDenylist: "También a personas de la lista de bloqueo",
    ignoreDenylistHint:
      "Quienes pidieron no recibir más correo reciben estos mensajes de todos modos. Solo para lo que es parte de un servicio que usan, como un recibo o un código; nunca para marketing.",
    ignoreDenylistMarketing: "Esta plantilla es marketing, que nunca va a quienes pidieron no recibir más correo.",
    execute: {
      button: "Ejecutar",
      title: "¿Ejecutar «{{label}}»?",
      modes: {
        manual: "Se hace un envío de la plantilla y se analiza. Nada sale antes de que alguien lo confirme.",
        "semi-automatic":
          "Se hace un envío de la plantilla y se analiza. Empieza por sí solo si no hay errores ni avisos y está aprobado lo que deba estarlo.",
        automatic:
          "Se hace un envío de la plantilla y se analiza. Empieza por sí solo si no hay errores y está aprobado lo que deba estarlo.",
      },
      segment: "Segmentos",
      list: "Listas",
      import: "Importaciones",
      people_one: "{{n}} persona, menos las que el análisis excluye",
      people_other: "{{n}} personas, menos las que el análisis excluye",
      unknown: "El análisis cuenta cuántas personas son.",
    },
    unpublish: "Terminar la publicación",
    unknown: "…",
    col: { bcc: "Correo electrónico CCO", kind: "Tipo", updated: "Cambiada" },
  },
};
