/** Words about people, in Spanish. */
import type { audience as source } from "../en/audience.ts";
import type { Catalogue } from "../en/index.ts";

export const audience: Catalogue<typeof source> = {
  upload: {
    drop: "Suelte aquí un archivo CSV, o",
    choose: "elija un archivo",
    hint: "Una fila de cabecera con una columna email; cada otra columna se vuelve un atributo. El separador y la codificación se reconocen.",
    sending: "Subiendo {{name}}",
    reading: "Leyendo {{name}}",
    done: "{{name}}: {{total}} filas leídas",
    failed: "{{name}} no se ha podido importar",
    created: "creados",
    updated: "actualizados",
    skipped: "sin cambios",
    rejected: "rechazados",
    repeated: "repetidas",
    rejectedTitle: "Filas rechazadas",
  },
  imports: {
    title: "Importaciones",
    new: "Importar un archivo CSV",
    emptyTitle: "Aún no hay importaciones",
    emptyText:
      "Suelte arriba un archivo CSV. Las filas que no sirven se listan con línea, columna y motivo; las demás se vuelven destinatarios.",
    col: {
      file: "Archivo",
      status: "Estado",
      total: "Filas",
      created: "Creados",
      updated: "Actualizados",
      skipped: "Sin cambios",
      failed: "Rechazados",
    },
    status: {
      tried: "Probada",
      undoing: "Deshaciéndose",
      undone: "Deshecha",
      pending: "Pendiente",
      running: "Leyendo",
      completed: "Completada",
      failed: "Error",
    },
    errorsEmpty: "No se ha rechazado ninguna fila.",
    error: { line: "Línea", column: "Columna", value: "Valor", reason: "Motivo" },
    use: "Usar en un nuevo envío",
  },
  unsubscriptions: {
    title: "Bajas",
    intro:
      "Quién pidió no recibir más mensajes. Esas direcciones quedan enseguida en la lista de bloqueo y se excluyen del próximo análisis.",
    col: { address: "Dirección", source: "Por", state: "Estado", message: "Mensaje", at: "Momento" },
    source: { page: "Página de baja", "one-click": "Un clic en el programa de correo", mailto: "Correo electrónico" },
    meaning: {
      page: "El enlace del mensaje y el botón de su página",
      "one-click": "El botón del programa de correo (RFC 8058)",
      mailto: "Un mensaje al buzón de bajas",
    },
    stands: "De baja",
    undone: "Anulada",
    emptyTitle: "Nadie se ha dado de baja",
    emptyText: "Aquí aparecen las bajas por enlace, por programa de correo y por correo electrónico.",
    noneOfAddress: "Esta dirección no se ha dado de baja",
  },
};
