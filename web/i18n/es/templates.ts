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
    unpublish: "Terminar la publicación",
    unknown: "…",
    col: { bcc: "Correo electrónico CCO", kind: "Tipo", updated: "Cambiada" },
  },
};
