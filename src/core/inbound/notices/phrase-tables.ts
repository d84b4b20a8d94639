/**
 * What notices say in their own words, by language: runs of words in the pattern language of the rules for replies (`core/bounce/pattern.ts`;
 * no case, no accents, `*` skips up to six words, `|` offers words). Written from what the programs and their translations say, not
 * from single mails: a phrase stands for everybody who would put it so.
 */

/**
 * `failed`: not delivered. `delayed`: somebody still tries. `final`: nobody tries any more. `success`: it arrived.
 * `contact`: where to ask for help. `intro`: recipients follow. `boiler`: said in every notice, about nothing in it.
 * `reason`: words that say why.
 */
export type Phrase = "failed" | "delayed" | "final" | "success" | "contact" | "intro" | "boiler" | "reason";

const FAILED = [
  // English
  "message|mail|email not accepted|delivered|sent; message|mail|email * was|been|were rejected|refused|blocked|bounced|quarantined|returned; not|cannot be delivered; not|cannot deliver; couldn|can|wasn|didn|isn|hasn t be|been|get delivered",
  "couldn|can|wasn t deliver; couldn t be|reach; couldn|wasn t * delivered; unable to deliver|send|relay|reach",
  "unable to * deliver; not able to deliver; t able to deliver; not delivered; not been * delivered|sent",
  "undeliver*; nondeliver*; non deliver*; delivery failed|failure|error|problem|problems|errors|failures",
  "delivery has|have failed; delivery of|to|for * failed; delivery of|to|for|on * failed|unsuccessful",
  "failed to deliver|send|reach; failed delivery|recipient|recipients|address|addresses; failed permanently",
  "delivery * failure; failure notice|notification|reasons; returned mail|email|message",
  "mail|message|email returned; returned to sender; returning message|mail|to sender",
  "mail|message failure|failed; mail system error; not reach the|one|some|its",
  "could|can not send|be sent|be relayed|be forwarded|be processed; cannot send|be sent",
  "error|errors|trouble|problem|problems|difficulty|difficulties delivering|sending",
  "error * deliver|delivering|deliverying; error in|during|with * delivery",
  "errors occurred * delivery|delivering|deliver; was|were|been|is not accepted|sent|relayed",
  "message|mail|email has|was * rejected|blocked|refused|bounced|quarantined",
  "rejected|refused|blocked your|the|this message|mail|email|e; rejected recipient|recipients; bounced",
  "bounce message|notification; permanent fatal errors; fatal errors; delivery errors|problems",
  "addresses|recipients|users * failed; address es failed; no valid recipients; invalid recipients",
  "transaction failed; mail * not sent; not be found * mail; message blocked|rejected|undelivered",
  "mail|email|message not sent; could not be completed; status failure; notification failure; message cannot",
  "error sending; not successfully; unsent message; was|were not distributed|posted; returned * unprocessed; not member article; been rejected by",
  // German
  "nicht zugestellt|zustellen|ausgeliefert|zustellbar|versandt|versendet|ubermittelt|uebermittelt|weitergeleitet|erreicht|gesendet|angenommen",
  "unzustellbar*; zustellung * fehlgeschlagen|gescheitert|gescheitert|unmoglich; ubermittlung|uebermittlung|lieferung|weiterleitung * fehlgeschlagen|gescheitert|unmoglich; ubermittlungsstatus|zustellstatus fehlgeschlagen; zustellfehler",
  "zustellungsfehler; fehler bei * zustellung|ubermittlung|versand; zustellung * nicht",
  "nicht moglich * zuzustellen|auszuliefern; unzugestellt*; nicht * ausgeliefert|zugestellt|zustellen",
  // French
  "pas pu etre; non remis*|remise|distribue*|delivre*|distribuable|livre",
  "pas ete distribue*|remis*|delivre*|livre*|transmis*|achemine*|envoye*",
  "impossible de|d * remettre|delivrer|livrer|distribuer|acheminer|transmettre|envoyer",
  "echec * remise|livraison|distribution|delivrance|envoi|acheminement",
  "pu etre remis*|delivre*|distribue*|livre*|transmis*|envoye*|achemine*",
  "peut etre remis*|delivre*|distribue*|livre*|achemine*; n est pas arrive; pu|peut remettre|delivrer|livrer",
  "erreur * remise|distribution|livraison|envoi; n a pas * remis|delivre|livre|distribue",
  // Spanish
  "no * entregado|entregarse|entregar|entregada; no se * entregar|enviar|enviado; fallo * entrega|envio",
  "error * entrega|envio; entrega * fallido|fallida|fallado|fallo; mensaje * devuelto|rechazado",
  "imposible entregar; no * llego|alcanzo",
  // Italian
  "impossibile recapitare|consegnare|inviare; mancato|mancata recapito|consegna; non recapitabil*",
  "recapito|consegna non|fallit*|impossibile; non * recapitat*|consegnat*|consegnare|recapitare",
  "errore * consegna|recapito|invio; messaggio * respinto|rifiutato",
  // Portuguese
  "nao * entregue|entregar|enviada|enviado; falha|erro|falhou|problema * entrega|envio|entregar",
  "mensagem * devolvida|rejeitada|recusada; entrega * falhou|falha; impossivel entregar",
  // Dutch
  "niet * bezorgd|afgeleverd|besteld|verzonden|bezorgen|afleveren|bezorgbaar|bestelbaar; onbestelbaar*",
  "bezorging|aflevering * mislukt; niet afgeleverde; kan|kon niet * bezorgd|afgeleverd",
  // Polish, Czech, Slovak, Hungarian
  "nie * dostarczon*|doreczon*|dostarczyc|doreczyc|wyslana; niedostarczon*; blad * dostarcz*|doreczen*",
  "nebyl* dorucen*; nelze dorucit; nedorucen*; nie je mozne dorucit; nem * kezbesit*|tovabbit*",
  "kezbesithetetlen",
  // Russian, Ukrainian
  "не * доставлен*|доставить; недоставлен*; недоставлено; ошибка * доставк*; невозможно * доставить|отправить",
  "не удалось отправить; не вдалося доставити; не было доставлено; сбой доставки; возвращен*",
  // Nordic, Turkish, Greek
  "inte|ikke * levereras|leveres|leverert|leveret|levererats; olevererbar*; kunne ikke|inte sendes",
  "ei voitu toimittaa|valittaa; toimittaminen|toimitus * epaonnistui; iletilemedi|edilemedi",
  "levering|leverans|leveringen|leveransen mislyktes|mislykkedes|misslyckades|feilet|fejlede; kunde inte levereras; blev ikke leveret; ble ikke levert",
  "teslim|teslimat edilemedi|basarisiz; δεν * παραδο*",
  // Romanian, Arabic, Hebrew
  "nu a putut fi livrat*|trimis*|expediat*|transmis*; nelivrat*; livrarea * esuat; nu s a putut livra",
  "تعذر تسليم; تعذر إرسال; لم يتم تسليم; لم يتم إرسال; فشل تسليم; فشل إرسال; فشل التسليم; لم يتم توصيل",
  "לא נמסרה; לא נמסר; לא ניתן למסור; לא ניתן היה למסור; נכשלה מסירת; נכשל משלוח; מסירה נכשלה; המסירה נכשלה",
  // Japanese
  "配信できませ; 配信できな; 送信できませ; 配信することができ; 送信することができ; お届けできませ; 届けることができ; お届けすることができ; 配送できませ; 配達できませ; 届きませんでした; 届かな",
  "配信に失敗; 送信に失敗; 配送に失敗; 配信不能; 配信エラ; 送信エラ; 不達; エラーメール; 返送; 配信されませんでした; 送信されませんでした; 送れませんでした; 宛先不明; あて先不明",
  "宛先が見つかりません",
  // Chinese
  "退信; 无法投递; 無法投遞; 投递失败; 投遞失敗; 发送失败; 發送失敗; 無法傳送; 无法发送; 无法送达; 無法送達; 未能送达; 传递失败; 傳遞失敗; 無法傳遞; 无法传递; 被退回; 被拒绝; 未送达",
  "不成功; 无法传送",
  // Korean
  "전송 실패; 발송 실패; 배달되지; 전달되지; 반송; 전송하지 못; 배달하지 못; 보낼 수 없; 발송되지; 전송되지",
];

const DELAYED = [
  "will|be retried; will retry; will|shall keep|continue trying; will|continues|continue * to try|attempt",
  "keep|still trying; being retried; been|is|was|temporarily delayed; delivery|message|mail delayed|delay",
  "delay notification; delayed mail|delivery|message|by; not yet been|be delivered|sent; not been delivered yet",
  "warning message only; is a warning|only; warning could not; not need to resend|send",
  "t need to resend|send|do; no need to resend|send; attempts will continue; try|trying again for",
  "will be attempted|tried again; deliver * next; could not send message for past; still in the|our queue",
  "message is delayed; has|have not yet; notification delay; delayed * hours|hour; queued for * delivery",
  "delivery is|was|has * delayed; continue to be attempted; will continue until; temporary * problem * retr*",
  "further attempts will; other|more attempts will; will make further|additional|more attempts",
  "weiterhin versuch*; weiter versucht; weitere zustellversuche; zustellversuche werden|fortgesetzt",
  "erneut versucht|versuchen|zugestellt; verzogert*; verzoger*; noch nicht * zugestellt|ausgeliefert",
  "wird erneut; nicht erneut * senden; versucht weiterhin; retarde|retardee|differe|differee; a ete retarde*",
  "sera retent*|reessay*|represent*; nouvelles tentatives; nouvelle tentative; tentatives * poursuiv*|continu*",
  "pas encore ete|pu; n a pas encore; retard * remise|livraison|distribution; remise retardee",
  "continuer * essayer|tenter; retrasad*|demorad*; retraso|demora * entrega",
  "seguira|seguiremos|continuara intentando; volvera a intentar*; aun|todavia no * entregado|entregar",
  "se reintentara; nuevos intentos; ritardat*; ritardo * consegna|recapito; consegna ritardata; verra ritentat*",
  "verranno * tentativi; continuera a * tentare|provare; non * ancora * consegnat*|recapitat*; nuovi tentativi",
  "atrasad*; atraso * entrega; ainda nao * entregue; continuara * tentando|tentar; tentara novamente",
  "novas tentativas; sera tentad*; serao feitas * tentativas; vertraagd; vertraging",
  "nog niet * bezorgd|afgeleverd; opnieuw geprobeerd|proberen; blijft proberen; blijven proberen",
  "opoznion*|opoznienie; jeszcze nie * dostarcz*|doreczon*; kolejne|dalsze proby; zpozden*; zpozdeni; задерж*",
  "попытки * продолж*; будут продолжены; будет повторен*; отложен*; еще не * доставлен*; повторн* попытк*",
  "forsenad*; forsinket; forsinkelse; viivasty*; gecik*; ertelendi; 遅延; 遅れています; 再送を; 再送信を; 再配信; 再試行; まだ配信",
  "配信を試みます; 引き続き送信; 延迟; 延遲; 重试; 重試; 继续尝试; 繼續嘗試; 稍后重试; 尚未送达; 지연; 재시도; 다시 시도합니다",
];

const FINAL = [
  "given|gave|giving up; permanent|fatal error|errors|failure|fatal|problem; permanently; permanent delivery",
  "no further|more|other attempts|attempt|delivery|retries; not|t be retried|redelivered; not|t retry|try",
  "not going to try; stopped trying; no longer * try|tried|retry; last attempt * failed; too long * queue",
  "queue too long; been returned; time * expired; retry time|timeout; retry * exceeded",
  "final|finally failed|undeliverable; is being returned; endgultig*|endgueltig*",
  "permanenter|dauerhafter|schwerwiegender|fataler fehler; aufgegeben; keine weiteren versuche|zustellversuche",
  "abgebrochen; eingestellt; erreur permanente|definitive|fatale; definitiv*; echec permanent|definitif",
  "abandonn*; error permanente|definitivo|fatal; erro permanente|definitivo|fatal",
  "errore permanente|definitivo|fatale; falha permanente|definitiva; permanente fout|storing; opgegeven",
  "nie bedzie ponawian*; blad staly; trwaly blad; trwaly; постоянная|неустранимая|критическая ошибка",
  "прекращен*; окончательн*; больше не будет; 恒久的; 永続的; 断念; 諦め; 中止しました; 永久; 不再尝试; 영구",
];

const SUCCESS = [
  "successfully delivered|relayed|sent|forwarded|received; delivered|relayed successfully",
  "has|have|was|were been|successfully delivered; was delivered to; were delivered to; delivery * successful",
  "successful delivery|mail; delivery confirmation|success|succeeded|complete|completed; notification success",
  "was relayed|delivered|forwarded; been relayed|delivered; is complete but no|delivery",
  "relayed * no|not * notification*|confirmation; expanded * mailing list",
  "erfolgreich zugestellt|ausgeliefert|ubermittelt|weitergeleitet|versendet",
  "wurde|wurden zugestellt|ausgeliefert|weitergeleitet; remis* avec succes",
  "ete remis*|livre*|distribue*|delivre*|relaye*; entregado correctamente|exito|satisfactoriamente",
  "ha|han|fue sido entregado; se ha entregado; entregue com sucesso|exito; foi entregue",
  "consegnato|recapitato correttamente|successo; e stato consegnato|recapitato|inoltrato",
  "met succes|succesvol bezorgd|afgeleverd; is bezorgd|afgeleverd; zostala|zostal dostarczon*|doreczon*",
  "успешно доставлен*; было|были доставлен*; 正常に配信; 配信されました; 配信しました; 送信が完了; 投递成功; 发送成功; 已成功; 已送达",
];

const CONTACT = [
  "contact; contacting; send mail|email|e to; assistance; for help|support|more|further|questions; questions",
  "help desk; helpdesk; please forward|write|call|notify|visit|see|check|verify|try|resend|ask|email|mail",
  "get help; how to fix; administrator of|at; comments; directed to; report this|it to; removal from; learn more; click; unsubscribe",
  "reply to this|postmaster; please reply to; in error; kontaktieren|kontakt; wenden sie; hilfe; fragen; bitte prufen|uberprufen|versuchen|leiten",
  "contactez|contacter; veuillez|merci de; assistance; aide; pongase; contacto|contacte|contactar; ayuda",
  "contattare|contatta|contatti; assistenza; contate|contato|contatar; ajuda; neem|contact op; hulp; kontakt*",
  "pomoc; обратитесь|обращайтесь; свяжитесь; помощ*; рекомендуем; 連絡; お問い合わせ; お問合せ; ご確認; 联系; 聯絡; 請聯繫; 문의",
];

const INTRO = [
  "following recipient|recipients|address|addresses|user|users|destination|destinations|mailbox|mailboxes|person|people|email|mail|groups|group",
  "its|your recipients; more recipients|destinations|addresses; address|addresses es|s|below; recipients below",
  "failed recipients|addresses|recipient; list of * recipients|addresses",
  "folgende*|nachstehende*|angegebene* empfanger*|empfaenger*|adresse*|personen|mailadresse*|e",
  "destinataire|destinataires|adresse|adresses|personnes suivant*|ci",
  "siguiente|siguientes destinatario*|direccion*|usuario*|persona*; destinatarios|direcciones siguientes",
  "seguente|seguenti destinatari*|indirizz*|utent*|person*; destinatari seguenti",
  "seguinte|seguintes destinatari*|enderec*|pessoas|grupos; destinatarios|enderecos seguintes|abaixo",
  "volgende * ontvanger*|geadresseerde*|adres*|geadresseerden; nastepujac* odbiorc*|adres*",
  "следующ* адрес*|получател*; получателям|адресатам; nasledujic*; foljande mottagare",
  "folgende mottakere|modtagere; 以下の宛先; 以下のメ; 次の受信者; 下記の; 以下の受信者; 次の宛先; 以下收件人; 下列收件人; 以下地址; 다음 받는 사람; 다음 수신자",
];

const BOILER = [
  "for|with the following reason|reasons|error; reason is|was|given; the reason|error|response|answer was|is|returned; error was; said the following; folgende* grund|gründen|fehler*",
  "created|generated automatically; automatically created|generated|produced",
  "automatic|automated message|mail|reply|notification; do|please not reply; don t reply; no action",
  "problem report; sorry to have; sorry it didn; this is the; i m|am afraid; hi this is; delete your own text",
  "original message was received; below is|this line; mail|delivery|status system at; message is generated",
  "original message; your message; the message you sent; message that you sent; a message you sent",
  "message identifier; details follow|below; technical details; attachment contains; diagnostic information",
  "generating server|reporting server; automatisch * erzeugt|generiert|erstellt|versandt; diese nachricht",
  "ihre nachricht; antworten sie; message * automatique*; automatiquement; generado * automatic*",
  "automaticamente; automaticament*; votre message; su mensaje; il messaggio; sua mensagem; uw bericht",
  "automatisch; автоматическ*; ваше письмо|сообщение; отвечать на; 自動的に; 自動送信; このメールは; 本メ; 自动; 自動",
];

const REASON = [
  // English
  "t|not|cannot|could be found|reached|located|verified|opened; unable|cannot|t receive; unable to contact|connect; could|couldn t contact|connect; for the last * seconds|hours|days|minutes; for past|over|than * hours|days; in the queue; attempts exceeded|failed|expired; too old; gave|given|giving up on; did not respond|answer|accept; not respond*; no answer|response|route|mx|mail|account|user|mailbox|recipient|such|valid|relay",
  "unknown; no such; not|doesn|don|t found|exist|exists|known|listed|recognized|recognised|have; invalid; nonexistent; full; quota; over limit|quota|size; exceed*",
  "storage; mailbox; accepting; disabled; inactive; suspended; expired; closed; deactivated; terminated; locked; timed|time out; timeout; connect|connection|connecting|connections",
  "refused; denied; rejected; reject; blocked; block; blacklist*; blocklist*; spam; virus; malware; policy; authentication|authenticated|authorized|authorised|permission|allowed|permitted",
  "too large|big|many|long; size limit; hop|hops; loop|loops; looping; unroutable|unrouteable|unreachable; route; dns|mx|nameserver; name server|service; lookup; host|domain not; unavailable; moved; resources; greylist*",
  "relaying; relay not|access; content; attachment; spf; dkim; dmarc; verif*; temporarily; network; error code; i o error; disk; busy; overloaded; try later; syntax; badly formed|formatted; ambiguous",
  // Other languages
  "because; weil; denn; aufgrund; parce; car; en raison; porque; debido; perche; poiche; a causa; omdat; wegens; poniewaz; gdyz; protoze; потому; так как; поскольку; из за; cunku; nedeniyle; eftersom; fordi; koska; mert; επειδη; deoarece; ため; ので; 因为; 因為; 由于; 由於; 때문",
  "unbekannt*; existiert; voll; uberschritten; ueberschritten; gesperrt; abgelehnt; verweigert; ungultig*; ungueltig*; zu gross|groß|viele; nicht gefunden|vorhanden|erreichbar; deaktiviert; speicher*; zeituberschreitung; keine berechtigung|verbindung",
  "inconnu*; inexistant*; existe; n existe; plein|pleine; saturee; depass*; refus*; rejet*; bloque*; introuvable; invalide; suspendu*; desactive*; trop; delai; quota*; autorise*; indisponible",
  "desconocid*; llen*; excedid*; rechazad*; bloquead*; denegad*; inexistente; encontr*; invalid*; deshabilitad*; suspendid*; espacio; cuota; permis*; demasiado; sconosciut*; inesistent*; pien*; superat*; rifiutat*; bloccat*; negat*; trovat*; disabilitat*; spazio",
  "desconhecid*; cheia|cheio; lotada; recusad*; rejeitad*; negad*; encontrad*; espaco; excedeu; onbekend*; bestaat; vol; geweigerd; geblokkeerd; overschreden; gevonden; ongeldig*; nieznany; istnieje; pelna; przekroczon*; odrzucon*; zablokowan*",
  "неизвест*; существует; переполнен*; превыш*; отклонен*; отказ*; заблокирован*; найден*; недоступ*; недействител*; квот*; neexistuje; plna; nenalezen*; bloquej*; okand; full*; bilinmiyor; dolu; bulunamad*",
  "存在しな; 存在しません; 不明な; 見つかりません; 一杯; いっぱい; 容量; 超え; 超過; 拒否; 制限; 受信拒否; 接続でき; タイムアウト; 無効; 停止; リストにありません; 不存在; 未找到; 已满; 已滿; 超过; 超過; 拒绝; 拒絕; 无效; 無效; 停用; 禁用; 被禁; 限制; 不正确; 找不到; 垃圾; 超时; 連線; 连接; 존재하지; 없는; 초과; 거부; 가득",
  "nu exista; necunoscut*; plina; السبب; غير موجود; رفض; ممتلئ; معطل; הסיבה; לא קיים; לא נמצא; מלאה; נדחתה; חסום; nincs; nem letezik; megtelt; ei loydy; taynna; υπαρχει; γεματ*",
];

export const PHRASES: Readonly<Record<Phrase, readonly string[]>> = {
  failed: split(FAILED),
  delayed: split(DELAYED),
  final: split(FINAL),
  success: split(SUCCESS),
  contact: split(CONTACT),
  intro: split(INTRO),
  boiler: split(BOILER),
  reason: split(REASON),
};

function split(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split("; "));
}
