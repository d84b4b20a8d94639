/** Las palabras de los mensajes individuales. */
import type { Catalogue } from "../en/index.ts";
import type { single as source } from "../en/single.ts";

export const single: Catalogue<typeof source> = {
  single: {
    title: "Mensajes individuales",
    intro: "Mensajes que los programas piden por la API, una dirección cada uno. Salen antes que todos los envíos.",
    subject: "Asunto",
    externalId: "Identificador externo",
    template: "Plantilla",
    accepted: "Aceptado",
    sendAt: "No antes de",
    expires: "Caduca",
    ignored: "No enviado",
    tags: "Etiquetas",
    metadata: "Metadatos",
    cancel: "Retirar",
    emptyTitle: "Ningún mensaje individual todavía",
    emptyText: "Los programas los envían con POST /api/v1/messages.",
    status: {
      scheduled: "Programado",
      queued: "En cola",
      paused: "En pausa",
      retrying: "Reintento",
      sent: "Enviado",
      failed: "Error",
      expired: "Caducado",
      ignored: "Ignorado",
      cancelled: "Cancelado",
      "in-doubt": "Dudoso",
    },
    meaning: {
      scheduled: "Espera su hora",
      queued: "Sale en cuanto su destino lo permite",
      paused: "Un operador o un relé lo retiene",
      retrying: "Un servidor lo hizo esperar; se intentará de nuevo",
      sent: "El servidor receptor lo aceptó",
      failed: "Fue rechazado",
      expired: "Su plazo terminó antes de que un servidor lo aceptara",
      ignored: "No debía salir nunca",
      cancelled: "Fue retirado",
      "in-doubt": "La conexión se cortó al final: puede que el servidor lo tenga",
    },
    why: { denylisted: "La dirección está en la lista de rechazo", quarantined: "La dirección está en cuarentena" },
  },
};
