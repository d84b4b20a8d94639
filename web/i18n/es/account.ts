/** Las palabras de la página de la cuenta propia. */
import type { account as source } from "../en/account.ts";
import type { Catalogue } from "../en/index.ts";

export const account: Catalogue<typeof source> = {
  account: {
    title: "Su cuenta",
    intro: "Ha iniciado sesión como {{login}} ({{name}}).",
    token:
      "Ha iniciado sesión con el token «{{label}}». Las contraseñas y los segundos factores son de los operadores.",
    password: "Contraseña",
    current: "Contraseña actual",
    wrongPassword: "No es su contraseña.",
    changePassword: "Cambiar la contraseña",
    passwordSaved: "La contraseña está cambiada. Los demás navegadores cerraron la sesión.",
    secondFactor: "Segundo factor",
    noSecondFactor: "Con una aplicación de autenticación nadie entra solo con su contraseña.",
    setUp: "Configurar una aplicación de autenticación",
    addSecret: "Añada esta clave a su aplicación de autenticación y escriba el código que muestra.",
    secret: "Clave",
    openApp: "Abrirla en una aplicación de este dispositivo",
    firstCode: "Código de la aplicación",
    confirm: "Confirmar",
    codes: "Códigos de recuperación",
    codesHint:
      "Guarde estos códigos donde los encuentre sin su teléfono. Cada uno sirve una vez; no se muestran de nuevo.",
    codesKept: "Los he guardado",
    inForce_one: "Al iniciar sesión se pide una aplicación de autenticación. Queda un código de recuperación.",
    inForce_other:
      "Al iniciar sesión se pide una aplicación de autenticación. Quedan {{count}} códigos de recuperación.",
    removeSecondFactor: "Quitar el segundo factor",
    browsers: "Navegadores con sesión iniciada",
    thisBrowser: "este",
    endSession: "Cerrar sesión",
  },
};
