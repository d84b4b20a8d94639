/** Words about addresses that receive nothing, and those whose errors are ignored, in Spanish. */
import type { Catalogue } from "../en/index.ts";
import type { quarantine as source } from "../en/quarantine.ts";

export const quarantine: Catalogue<typeof source> = {
  quarantine: {
    title: "Cuarentena",
    intro:
      "Lo que los servidores dijeron de las direcciones. El análisis excluye las que están en cuarentena o en la lista de bloqueo; con errores, el envío sigue.",
    tab: { addresses: "Direcciones", allowlist: "Lista de permitidas" },
    search: "Buscar una dirección",
    col: {
      address: "Dirección",
      status: "Estado",
      reason: "Motivo",
      errors: "Errores",
      errorText: "Respuesta",
      at: "Cambiada",
    },
    textHint: "Parte de la respuesta del servidor",
    since: "Cambiada desde",
    status: {
      valid: "Válida",
      "with-errors": "Con errores",
      held: "Retenida",
      quarantined: "En cuarentena",
      denylisted: "En lista de bloqueo",
    },
    meaning: {
      valid: "Nada cuenta en su contra.",
      "with-errors": "Se contaron errores pasajeros; el envío sigue. Un mensaje que llega les pone fin.",
      held: "Desconocida en un proveedor que de repente conoce a mucha menos gente que de costumbre. El envío sigue hasta que decida una persona.",
      quarantined:
        "Un error definitivo, o demasiados pasajeros. Solo una persona le pone fin, no un mensaje que llega.",
      denylisted: "Su dueño no quiere mensajes, o lo dijo una persona.",
    },
    denied: {
      unsubscribed: "Baja",
      complaint: "Queja",
      operator: "A mano",
      imported: "Importada",
    },
    noProvider: "Proveedor desconocido",
    counted: "Errores que contaron",
    emptyTitle: "Ninguna dirección está en cuarentena",
    emptyText: "Las direcciones con un error definitivo llegan aquí y se excluyen del próximo análisis.",
    emptyFiltered: "Ninguna dirección coincide",
    export: "Exportar",
    exportHint: "Un archivo CSV de todas las direcciones que dejan los filtros",
    import: "Importar",
    history: "Historial",
    noHistory: "No ha pasado nada con esta dirección.",
    openMessage: "Mensaje {{key}}",
    inbound: "Correo entrante sobre ella",
    by: "por {{actor}}",
    note: "Nota",
    noteHint: "Por qué; queda en el historial de cada dirección",
    noteOptional: "Por qué; puede quedar vacía",
    cause: {
      error: "Respuesta de un servidor",
      delivered: "Volvió a llegar un mensaje",
      guard: "Retenida por la guardia de averías",
      outage: "Anulada: el proveedor tenía una avería",
      allowed: "Error ignorado: en la lista de permitidas",
      complaint: "Queja de su dueño",
      unsubscribed: "Baja de su dueño",
      "put-in": "Puesta a mano",
      imported: "Importada",
      released: "Liberada",
      confirmed: "Confirmada: desconocida de verdad",
      dropped: "Descartada: era una avería",
    },
    act: {
      release: "Liberar",
      undeny: "Quitar de la lista de bloqueo",
      "put-in": "Cuarentena o bloqueo",
      allow: "Poner en la lista de permitidas",
    },
    actTitle: {
      release: "¿Liberar {{address}}?",
      undeny: "¿Quitar {{address}} de la lista de bloqueo?",
      allow: "¿Poner {{address}} en la lista de permitidas?",
    },
    actText: {
      release:
        "Vuelve a ser válida y recibe mensajes desde el próximo análisis. Sus errores se olvidan; los nuevos cuentan.",
      undeny:
        "La lista de bloqueo es la palabra del dueño de la dirección: hágalo solo si lo pidió. Recibe mensajes desde el próximo análisis.",
      allow:
        "Sus errores se ignoran desde ahora, y los anteriores se olvidan. Quien se da de baja o se queja queda bloqueado igualmente.",
    },
    actYes: {
      release: "Liberar",
      undeny: "Quitar de la lista de bloqueo",
      allow: "Poner en la lista de permitidas",
    },
    actDone: {
      release: "{{address}} está liberada.",
      undeny: "{{address}} ya no está en la lista de bloqueo.",
      allow: "{{address}} está en la lista de permitidas.",
    },
    putIn: {
      open: "Poner una dirección",
      title: "Poner una dirección",
      where: "Dónde",
      target: { quarantined: "Cuarentena", denylisted: "Lista de bloqueo" },
      targetHint: {
        quarantined: "No funciona: una liberación le devuelve los mensajes",
        denylisted: "Su dueño no quiere mensajes: ninguna liberación en grupo la quita",
      },
      yes: { quarantined: "Poner en cuarentena", denylisted: "Bloquear" },
      done: { quarantined: "{{address}} está en cuarentena.", denylisted: "{{address}} está en la lista de bloqueo." },
    },
  },
  held: {
    label: "Retenidas por la guardia de averías",
    title_one: "{{provider}}: {{n}} dirección retenida",
    title_other: "{{provider}}: {{n}} direcciones retenidas",
    text: "Allí hay muchos más destinatarios desconocidos que de costumbre, lo que puede ser una avería. Mientras nadie decida no van a cuarentena y el envío sigue.",
    first: "primera",
    last: "última",
    show: "Verlas",
    drop: "Es una avería",
    confirm: "Son desconocidos",
    ask: {
      drop: {
        title: "¿{{provider}} tiene una avería?",
        text_one: "{{n}} dirección vuelve a ser válida. Las respuestas siguientes del proveedor se juzgan de nuevo.",
        text_other:
          "{{n}} direcciones vuelven a ser válidas. Las respuestas siguientes del proveedor se juzgan de nuevo.",
        yes_one: "Validar {{n}} dirección",
        yes_other: "Validar {{n}} direcciones",
      },
      confirm: {
        title: "¿Destinatarios desconocidos en {{provider}}?",
        text_one:
          "{{n}} dirección va a cuarentena y se excluye del próximo análisis. Durante un día se cree al proveedor sin preguntar.",
        text_other:
          "{{n}} direcciones van a cuarentena y se excluyen del próximo análisis. Durante un día se cree al proveedor sin preguntar.",
        yes_one: "Poner {{n}} dirección en cuarentena",
        yes_other: "Poner {{n}} direcciones en cuarentena",
      },
    },
    done: {
      drop_one: "{{provider}}: {{n}} dirección vuelve a ser válida.",
      drop_other: "{{provider}}: {{n}} direcciones vuelven a ser válidas.",
      confirm_one: "{{provider}}: {{n}} dirección está en cuarentena.",
      confirm_other: "{{provider}}: {{n}} direcciones están en cuarentena.",
    },
  },
  releaseMany: {
    open: "Liberar muchas",
    title: "Liberar muchas direcciones",
    intro:
      "Tras una avería: las que están en cuarentena o retenidas y cumplen todo lo siguiente. Primero se cuentan. La lista de bloqueo queda como está.",
    since: "En cuarentena desde",
    until: "Hasta",
    noWindow: "Debe ser posterior al comienzo",
    count: "Contar",
    countAgain: "Contar de nuevo",
    counted_one: "{{n}} dirección coincide",
    counted_other: "{{n}} direcciones coinciden",
    consequence: "Vuelven a ser válidas y reciben mensajes desde el próximo análisis.",
    more_one: "y {{n}} más",
    more_other: "y {{n}} más",
    nobody: "Ninguna dirección en cuarentena cumple todo esto.",
    yes_one: "Liberar {{n}} dirección",
    yes_other: "Liberar {{n}} direcciones",
    done_one: "{{n}} dirección está liberada.",
    done_other: "{{n}} direcciones están liberadas.",
  },
  allowlist: {
    intro:
      "Direcciones cuyos errores se ignoran: un buzón propio, un socio detrás de un filtro severo. Las bajas y las quejas cuentan igualmente.",
    add: "Permitir una dirección",
    addTitle: "Permitir una dirección",
    col: { actor: "Por", at: "Desde" },
    emptyTitle: "Ninguna dirección está en la lista de permitidas",
    emptyText: "Ponga una, y ningún error la pone en cuarentena.",
    removeTitle: "¿Quitar {{address}} de la lista de permitidas?",
    removeText: "Sus errores vuelven a contar desde ahora.",
    removeYes: "Quitar",
    removed: "{{address}} ya no está en la lista de permitidas.",
  },
  addressImport: {
    title: { quarantine: "Importar a la cuarentena", allowlist: "Importar a la lista de permitidas" },
    hint: {
      quarantine:
        "Una fila de cabecera; la columna email y, si hace falta, status (quarantined o denylisted), reason y note. Sirve un archivo exportado.",
      allowlist: "Una fila de cabecera; la columna email y, si hace falta, note. Sirve un archivo exportado.",
    },
    taken: "tomadas",
    more_one: "{{n}} fila más fue rechazada.",
    more_other: "{{n}} filas más fueron rechazadas.",
  },
  newQuarantines: {
    title: "Direcciones que errores de este envío pusieron en cuarentena",
    count_one: "{{n}} dirección fue a cuarentena",
    count_other: "{{n}} direcciones fueron a cuarentena",
    show: "Cuarentena desde el comienzo",
  },
};
