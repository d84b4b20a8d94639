/** The French words that are fixed (design: Languages). Everything else falls back to English until it is translated. */
export const fr = {
  nav: { deliveries: "Diffusions", quarantine: "Quarantaine" },
  status: {
    pending: "En attente",
    "taken-into-account": "Pris en compte par le prestataire",
    sent: "Envoyé",
    failed: "En échec",
  },
  part: { sent: "Envoyé", failed: "En échec" },
  deliveries: {
    title: "Diffusions",
    col: { label: "Diffusion", sent: "Envoyé", failed: "En échec", pending: "En attente" },
  },
  delivery: { tab: { messages: "Log de diffusion" } },
  log: { title: "Log de diffusion" },
  editor: { properties: "Propriétés" },
  quarantine: { title: "Quarantaine" },
};
