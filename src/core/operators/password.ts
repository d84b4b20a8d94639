/** Which passwords are taken: long ones (NIST SP 800-63B §5.1.1), of any characters, that do not follow from what is known. */

const SHORTEST = 12;
/** What is hashed must not be endless. */
const LONGEST = 1024;
const FEWEST_DIFFERENT = 5;

/** The same password typed on another keyboard is the same (NIST SP 800-63B §5.1.1.2). */
export function normalisePassword(text: string): string {
  return text.normalize("NFKC");
}

/** Null: it will do. Otherwise what is wrong with it. */
export function passwordProblem(text: string, login: string): string | null {
  const password = normalisePassword(text);
  const characters = Array.from(password);
  if (characters.length < SHORTEST) return `It has fewer than ${SHORTEST} characters`;
  if (password.length > LONGEST) return `It has more than ${LONGEST} characters`;
  const folded = password.toLowerCase();
  if (new Set(folded).size < FEWEST_DIFFERENT) return `It has fewer than ${FEWEST_DIFFERENT} different characters`;
  const name = login.split("@")[0] ?? login;
  if (name.length >= 4 && folded.includes(name)) return "It contains the name to sign in with";
  if (/^(?:password|passwort|motdepasse|contrase|qwerty|azerty|12345678)/.test(folded)) {
    return "It begins like the passwords that are tried first";
  }
  return null;
}
