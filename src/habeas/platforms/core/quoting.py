"""What the writer of a mail wrote, without the mail they answered.

Our own letter comes back under most answers, and it speaks of removal: read together with the answer, it would be taken
for what the addressee says.
"""

from __future__ import annotations

import re

_LONGEST_LINE = 500

# Where mail programs begin the quotation in a page.
_QUOTED_PAGE = re.compile(
    r"""<(?:blockquote|div|hr|section)\b[^>]{0,400}?(?:
        type\s*=\s*["']?cite | class\s*=\s*["'][^"'>]{0,200}?(?:gmail_quote|moz-cite-prefix|yahoo_quoted
        |protonmail_quote|zmail_extra|OutlookMessageHeader|tutanota_quote|moz-forward-container)
      | id\s*=\s*["']?(?:x_)*(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|isForwardContent
        |reply-intro|zwchr|OLK_SRC_BODY_SECTION|stopSpelling)
      | name\s*=\s*["']?quote\b
      | style\s*=\s*["'][^"'>]{0,200}?border-top:\s*solid\s*\#(?:E1E1E1|B5C4DF)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_DIVIDER = re.compile(r"[-_=]{2,}\s?\S[^\n]{1,60}?\s?[-_=]{2,}|[-_=]{20,}|-{2,}\s?(?:Original|Forwarded)\b.{0,60}")
_NAMED_DIVIDER = re.compile(r"[^\W\d_]{3}.*[-_=]{2}$")
# The words before the sender in a quoted head, in the languages of mail programs.
_FROM = re.compile(
    r"[*\s>]*(?:From|Von|De|Van|Da|Od|Fra|Från|Lähettäjä|Feladó|Kimden|Gönderen|От|Від|Από|מאת|من|प्रेषक|发件人|寄件者|寄件人"
    r"|差出人|送信者|보낸 ?사람)\s*[*\s]*[:：]",
    re.IGNORECASE,
)
_HEAD = re.compile(r"[*\s>]*[^\s:：][^:：\n]{0,24}[:：]\s*\S")
_ATTRIBUTION = re.compile(
    r"(?:On|Am|Le|El|Op|Em|Il|Den|Dnia|W dniu|Em|在|于|於)\s?.{4,250}(?:wrote|schrieb|a écrit|escribió|schreef|escreveu"
    r"|ha scritto|skrev|napisał|写道|寫道).{0,150}[:：]?\s*"
    r"|.{4,250}(?:のメール|さんは書きました|님이 작성|من قبل|كتب|ने लिखा|写道|寫道|のメッセージ)\s*.{0,40}[:：]?\s*",
    re.IGNORECASE,
)
_GAPS = re.compile(r"\n{3,}")
_TELLS_WHO_OR_WHEN = re.compile(r"@|\d")


def own_words(text: str) -> str:
    """What stands outside a quotation; everything where nothing else does. Never longer than what was given."""
    lines = [line.rstrip() for line in re.split(r"\r\n|\r|\n", text)]
    kept = _without_quoted_lines(lines)
    for place, _ in enumerate(kept):
        if _begins_quotation(kept, place) and any(line.strip() for line in kept[:place]):
            kept = kept[:place]
            break
    own = _GAPS.sub("\n\n", "\n".join(kept)).strip()
    return own or "\n".join(lines).strip()


def own_page(page: str) -> str:
    """The part of a page before what it quotes; the whole where nothing stands before it."""
    found = _QUOTED_PAGE.search(page)
    return page[: found.start()] if found else page


def _without_quoted_lines(lines: list[str]) -> list[str]:
    """The lines that no > begins, and without the lines that say who is quoted."""
    kept: list[str] = []
    for line in lines:
        if line.lstrip().startswith(">"):
            _drop_attribution(kept)
        else:
            kept.append(line)
    return kept


def _drop_attribution(kept: list[str]) -> None:
    """Take away the one to three lines before a quotation that end with a colon and tell who wrote it, or when."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not kept[end - 1].rstrip().endswith((":", "：")):
        return
    start = end - 1
    while start and end - start < 3 and kept[start - 1].strip() and not _ends_sentence(kept[start - 1]):
        start -= 1
    said = " ".join(kept[start:end])
    if _TELLS_WHO_OR_WHEN.search(said) and len(said) <= _LONGEST_LINE:
        del kept[start:]


def _ends_sentence(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "。", ")", ","))


def _begins_quotation(lines: list[str], place: int) -> bool:
    line = lines[place].strip()
    if not line or len(line) > _LONGEST_LINE:
        return False
    if _FROM.match(line):
        return sum(bool(_HEAD.match(other[:200])) for other in lines[place : place + 6]) >= 3
    if _DIVIDER.fullmatch(line):
        after = [other for other in lines[place + 1 : place + 6] if other.strip()]
        return bool(_NAMED_DIVIDER.search(line)) or bool(after and _FROM.match(after[0]))
    return bool(_ATTRIBUTION.fullmatch(line) and _TELLS_WHO_OR_WHEN.search(line))
