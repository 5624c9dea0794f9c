"""The words by which an answer is guessed, by what it seems to say. Guesses are shown to a person, who decides.

A guess leans to caution: whoever is told "it was removed" wrongly stops looking. So a "removed" does not count beside a
condition or a denial in its sentence, and whoever did one thing and refused another did it in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Likely = Literal["", "acknowledged", "complied", "partly", "refused", "more_information"]

_ASKS = (
    # en
    r"(?:please|kindly) (?:provide|send|supply|specify|clarify|submit|resubmit|attach|confirm|complete|fill)",
    r"we (?:need|require|will need) (?:more|further|additional|the following|you to|proof)",
    r"(?:could|can) you (?:please )?(?:provide|send|specify|clarify|confirm)",
    r"(?:more|further|additional) (?:information|details|documentation) (?:is|are)? ?(?:needed|required)",
    r"proof of identity|power of attorney|unable to locate|could not (?:find|locate)",
    # de, fr, es, nl, pt
    r"(?:bitte|benötigen).{0,60}(?:angaben|informationen|nachweis|vollmacht|unterlagen|url)",
    r"(?:merci de|veuillez).{0,40}(?:préciser|fournir|transmettre|joindre|indiquer)",
    r"(?:proporcione|proporcionar|necesitamos|faltan|facilite).{0,50}(?:información|datos|enlace|documento|url)",
    r"(?:verstrek|gelieve|ontvangen wij graag|hebben wij nodig).{0,50}(?:gegevens|informatie|url|documenten)",
    r"(?:forneça|envie|precisamos|necessitamos).{0,50}(?:informaç|dados|documento|url)",
    # ar, zh, ja, ko, hi
    r"يرجى (?:تزويدنا|تقديم|إرسال|توضيح)|نحتاج إلى (?:مزيد|معلومات)",
    r"请(?:您)?(?:提供|补充|说明)|請(?:您)?(?:提供|補充|說明)|需要(?:更多|补充|補充)",
    r"(?:ご提供|ご提示|お知らせ|ご教示|ご返信)(?:ください|下さい|いただ)|追加の?情報",
    r"(?:추가 )?(?:정보|자료|서류)(?:를|가)? ?(?:제공|제출|필요)|보내 ?주시기",
    r"कृपया.{0,40}(?:प्रदान|भेज|बताएं|दें)|अतिरिक्त जानकारी",
)
_REFUSES = (
    r"(?:does|do|did) not (?:violate|appear to violate|breach|infringe|go against|meet)",
    r"(?:doesn't|don't|didn't) (?:violate|appear to violate|breach|go against|meet)",
    r"not (?:in )?violat\w+|no violation|not unlawful|not illegal",
    r"unable to (?:remove|act|comply|assist|take|process|disclose|help)",
    (
        r"(?:cannot|can't|can not|will not|won't|declined? to|refused? to|not able to|decided not to) "
        r"(?:be )?(?:remov\w+|tak\w+|act|comply|process\w*|disclos\w+|delet\w+|assist)"
    ),
    r"(?:ha(?:s|ve) not been|was not|were not|is not|will not be) (?:removed|deleted|taken down|disabled|blocked)",
    r"(?:request|notice|report|complaint|claim) (?:has been|was|is|must be) (?:rejected|denied|declined|refused)",
    r"we (?:reject|deny|decline)|no (?:further )?action (?:will|has been|is|was)|take no (?:further )?action",
    r"verst(?:ö|oe)(?:ß|ss)t nicht|kein(?:en)? versto(?:ß|ss)|abgelehnt|lehnen .{0,40} ab",
    r"nicht (?:entfern|lösch|gelöscht|gesperrt|sperr)\w*",
    r"n['’](?:enfrei\w+|est) pas|ne (?:viole|contrevient|sera pas|pouvons pas)|rejetée?s?|refusée?s?",
    r"n['’](?:a|ont|avons) pas (?:été )?(?:supprim|retir|effac)",
    r"no (?:infringe|vulnera|incumple|podemos (?:retirar|eliminar)|(?:ha|han|hemos) (?:sido )?(?:elimin|retir|borr))",
    r"denegad[oa]|rechazad[oa]|desestimad[oa]",
    r"(?:niet|geen) (?:in strijd|schending|inbreuk|verwijder\w*)|afgewezen|wijzen .{0,60} af",
    r"não (?:viola|infringe|podemos remover|será removid|(?:foi|foram) (?:removid|excluíd))",
    r"rejeitad[oa]|indeferid[oa]|recusad[oa]",
    r"لا (?:ينتهك|يخالف|يمكننا)|تم رفض|نرفض",
    r"(?:未|没有|沒有|并未|並未)(?:违反|違反|构成|構成)|无法(?:删除|处理)|無法(?:刪除|處理)|拒绝|拒絕|不予",
    r"違反して(?:いません|おりません|いない)|削除(?:できません|いたしません|しかねます|に応じ(?:ら|かね))|お断り",
    r"위반(?:하지|되지) ?않|삭제(?:할 수 없|하지 않)|거부|거절|반려",
    r"उल्लंघन नहीं|हटा(?:ने|या) (?:में असमर्थ|नहीं)|अस्वीकार|नहीं हटा",
)
_DONE_IN_PART = (
    (
        r"(?:some|part|several|most|one|two|three|\d+) (?:out )?of the (?:\w+ )?(?:content|links|urls|pages|posts)"
        r".{0,60}(?:removed|deleted|disabled|taken down)"
    ),
    r"partial(?:ly)? (?:removed|complied|deleted|granted)|(?:removed|complied|granted) in part",
    r"teilweise (?:entfernt|gelöscht|stattgegeben)|partiellement (?:supprim|retir)|en partie (?:supprim|retir)",
    r"(?:parcialmente|en parte) (?:eliminad|retirad|estimad)|gedeeltelijk (?:verwijderd|toegewezen)",
    r"parcialmente (?:removid|excluíd)|جزئي|部分(?:删除|移除|刪除)|一部(?:を|の).{0,20}削除|일부.{0,20}삭제|आंशिक",
)
_DONE = (
    (
        r"(?:has|have|had) (?:now |since |already )?been (?:\w+ly )?"
        r"(?:removed|deleted|disabled|taken down|suspended|delisted|de-?indexed|blocked|preserved|erased)"
    ),
    r"(?:was|were|is|are) (?:now )?(?:removed|deleted|taken down|erased|no longer (?:available|online))",
    r"we(?:'ve| have)? (?:now )?(?:removed|deleted|erased|taken (?:it|this|the \w+) down|taken down|disabled|delisted)",
    r"(?:wurden?|worden|haben wir|ist|sind) .{0,40}(?:entfernt|gelöscht|gesperrt)",
    r"(?:a|ont) été (?:supprimé|retiré|effacé|déréférencé)|avons (?:supprimé|retiré|effacé)",
    r"han? sido (?:eliminad|retirad|borrad|suprimid)|se han? (?:eliminado|retirado|borrado|suprimido)",
    r"hemos (?:eliminado|retirado|borrado|suprimido)",
    r"(?:is|zijn|werd|hebben .{0,30}) (?:inmiddels |nu )?(?:verwijderd|gewist|offline gehaald)",
    r"(?:foi|foram) (?:removid|excluíd|apagad|eliminad)|removemos|excluímos|apagámos",
    r"تمت? (?:إزالة|حذف)|قمنا (?:بإزالة|بحذف)|تم (?:إزالت|حذف)ه",
    r"已(?:经|經)?(?:被)?(?:删除|移除|刪除|下架|屏蔽)|(?:删除|移除|刪除)了",
    r"削除(?:しました|いたしました|致しました|済み|されました)|非公開に(?:し|いたし)ました",
    r"삭제(?:되었|했|하였|됐|처리)|차단(?:되었|했|하였)",
    r"हटा (?:दिया|दी|दिए)|मिटा दिया",
)
_RECEIVED = (
    r"(?:have|has been|was) received|we received",
    r"thank you for (?:contacting|reaching out|submitting|your (?:report|message|notice|request|e-?mail|patience))",
    r"(?:ticket|case|reference|tracking) (?:number|id|no\.?|#)|ticket #",
    r"will (?:review|look into|investigate|respond|get back|be reviewed|be removed)|(?:under|in) review",
    r"eingegangen|erhalten|bearbeitungsnummer|werden .{0,40}(?:prüfen|bearbeiten)",
    r"bien (?:reçu|été reçue?)|accusons réception|hemos recibido|ha sido recibid[oa]|acusamos recibo",
    r"(?:hebben|is) .{0,60}ontvangen|recebemos|foi recebid[oa]|acusamos a receção",
    r"لقد (?:استلمنا|تلقينا)|تم استلام|已(?:经|經)?收到|受け付け|受付(?:けました|いたしました|番号)",
    r"접수|प्राप्त हुआ|प्राप्त हो",
)
_CONDITION = re.compile(
    r"\b(?:if|once|when|unless|until|whether|should|would|may|might|wenn|falls|sobald|ob|würde|si|lorsque|dès|cuando"
    r"|indien|als|zodra|quando|caso)\b|إذا|عندما|如果|若|如已|場合|たら|경우|यदि|अगर",
)
_DENIAL = re.compile(
    r"\b(?:no|not|none|nothing|never|neither|nor|cannot|without|nicht|kein\w*|nie|nichts|aucune?|pas|rien|jamais"
    r"|ningun[ao]?|ningún|nada|nunca|geen|niet|niets|nooit|não|nenhum\w*)\b|n't\b|لم |لا |ليس|未|没有|沒有|ません"
    r"|なかった|않|못|नहीं",
)
# They hold a "no" and deny nothing.
_NO_LONGER = re.compile(
    r"no longer|no further|nicht (?:mehr|länger)|n'est plus|ya no|niet (?:meer|langer)|não (?:está )?mais"
)
_SENTENCES = re.compile(r"[^.!?\n。！？।؟]+")
_READ = 20_000
# Marks that turn the direction of text or join letters stand between words without being one.
_UNSEEN = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF],
)


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(words))


_REFUSAL, _ASKING, _IN_PART, _DOING, _RECEIPT = map(_any_of, (_REFUSES, _ASKS, _DONE_IN_PART, _DONE, _RECEIVED))


def guess(text: str) -> tuple[Likely, str]:
    """What an answer seems to say, with the reason; ("", "") where nothing points anywhere.

    text: what its writer wrote, without what they quoted
    """
    read = _plain(text[:_READ])
    refused = bool(_REFUSAL.search(read))
    done = _is_done(read)
    if done == "partly" or (done and refused):
        return "partly", "it speaks of a part, or of something done and something refused"
    if refused:
        return "refused", "it speaks of a refusal"
    if done:
        return "complied", "it says that something was removed or done"
    if _ASKING.search(read):
        return "more_information", "it asks for something"
    if _RECEIPT.search(read):
        return "acknowledged", "it says that it was received"
    return "", ""


def _is_done(read: str) -> Likely:
    done: Likely = ""
    for sentence in _sentences(read):
        if _IN_PART.search(sentence) and not _CONDITION.search(sentence):
            return "partly"
        if not _DOING.search(sentence) or _CONDITION.search(sentence):
            continue
        if not _DENIAL.search(_NO_LONGER.sub(" ", sentence)):
            done = "complied"
    return done


def _sentences(read: str) -> Iterator[str]:
    return (match[0] for match in _SENTENCES.finditer(read))


def _plain(text: str) -> str:
    """Small letters, one kind of apostrophe, no line breaks within a paragraph: mail is wrapped anywhere."""
    text = text.translate(_UNSEEN).replace("’", "'").replace("\r\n", "\n").lower()
    text = re.sub(r"\n[ \t]*\n\s*", "\n", re.sub(r"(?<=[^\n])\n(?=[^\n])", " ", text))
    return re.sub(r"[ \t\u00a0\u3000]+", " ", text)
