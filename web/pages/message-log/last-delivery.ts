/** Which delivery was looked at last: where `g m` and the navigation lead. For this tab of the browser only. */
const STORED = "envoi.last-delivery";

export const rememberDelivery = (id: string): void => sessionStorage.setItem(STORED, id);
export const forgetDelivery = (): void => sessionStorage.removeItem(STORED);
export const lastDelivery = (): string | null => sessionStorage.getItem(STORED);
