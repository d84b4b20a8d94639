/** The Spanish words that are fixed (design: Languages). Everything else falls back to English until it is translated. */
export const es = {
  nav: { deliveries: "Envíos", quarantine: "Cuarentena" },
  status: {
    pending: "Pendiente",
    "taken-into-account": "Aceptado por el proveedor",
    sent: "Enviado",
    failed: "Error",
  },
  part: { sent: "Enviado", failed: "Error" },
  deliveries: { title: "Envíos", col: { label: "Envío", sent: "Enviado", failed: "Error", pending: "Pendiente" } },
  delivery: { tab: { messages: "Registro de envío" } },
  log: { title: "Registro de envío" },
  editor: { properties: "Propiedades" },
  quarantine: { title: "Cuarentena" },
};
