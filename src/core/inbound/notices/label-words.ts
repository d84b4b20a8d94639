/** What stands before the colon where a notice names a recipient, or somebody else. Compared as words: lower case, no accents. */

/** A label of these words only, with one of `RECIPIENT` among them, names the recipient. */
export const RECIPIENT = new Set(
  (
    "recipient recipients rcpt addressee addressees receiver receivers to mailto destination " +
    "empfanger empfaenger empfangeradresse empfaengeradresse empfangers zieladresse adressat an " +
    "destinataire destinataires destinatario destinatarios destinatari destinatary para " +
    "ontvanger ontvangers geadresseerde geadresseerden aan odbiorca odbiorcy adresat adresaci do prijemce komu " +
    "получатель получатели получателя получателю адресат адресата кому " +
    "mottagare mottaker modtager vastaanottaja alici cimzett παραληπτης til till"
  ).split(" "),
);
/** Of a summary of the message rather than of the failure, when they stand alone. */
export const SUMMARY = new Set("to an para aan do till til кому a komu mailto".split(" "));
/** Name a mailbox, not on whose side; good when the rest of the label says that it failed. */
export const MAILBOX = new Set(
  "address addresses mailbox user email mail e adresse adresses mailadresse emailadresse direccion indirizzo endereco adres adresy адрес user id account username usuario utente benutzer mobile".split(
    " ",
  ),
);
export const QUALIFIER = new Set(
  (
    "failed failing invalid final original intended unknown bad undelivered undeliverable rejected refused bad the your following es s address addresses name no of for message envelope smtp rfc822 x not delivered " +
    "fehlgeschlagene ungultige unbekannte der die des betroffene betroffener le la les du en echec el los non valido falhou failure delivery remote actual problem unreachable blocked 1 2 3 4 5 6 7 8 9"
  ).split(" "),
);
/** The other side: whoever stands behind such a label is never the one that failed. */
export const SENDER = new Set(
  (
    "from sender originator reply return path errors cc bcc author message id subject date sent received by references absender von expediteur de remitente mittente da remetente afzender van nadawca od " +
    "отправитель от avsandare avsender afsender"
  ).split(" "),
);

/** Scripts without blanks, where words cannot be compared. */
export const RECIPIENT_SIGNS =
  /(?:宛先|宛て|あて先|受信者|送信先|配信先|収信|收件人|收信人|收件者|收件地址|받는 ?사람|수신자|수신인)/;
export const SENDER_SIGNS = /(?:送信者|差出人|送信元|发件人|寄件者|發件人|보낸 ?사람|발신자|件名|主题|主旨|日時)/;

/** Before an address in a sentence: it is the one that failed … */
export const BEFORE_RECIPIENT = new Set(
  (
    "to for recipient recipients rcpt address addressee user mailbox account an fur empfanger adresse a au aux pour destinataire adresse para destinatario direccion al per indirizzo aan voor ontvanger do odbiorcy адресу " +
    "получателю кому для ящик пользователь utilisateur usuario utente benutzer postfach boite buzon casella caixa"
  ).split(" "),
);
/** … or somebody else. */
export const BEFORE_OTHERS = new Set(
  "from by via contact sender von vom par de da od от postmaster at with helpdesk administrator support write hello hi dear hallo bonjour hola hej ciao ola".split(
    " ",
  ),
);
/** Mailboxes of roles that notices name for help; they count only when nobody else is there. */
export const ROLES = new Set(
  "postmaster abuse mailer-daemon hostmaster support helpdesk noreply no-reply webmaster admin administrator double-bounce mailerdaemon root unblock delist security".split(
    " ",
  ),
);
