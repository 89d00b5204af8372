"""What every answer has to say besides its own words."""

from civic.core.text import clean, detect_language

#: What each answer has to say (articles 80(5), 89(2)): to whom, until when (articles 91, 92) and in which order.
HOW_TO_COMPLAIN = {
    "kk": "Шағымдану тәртібі. Жауаппен келіспесеңіз, оны алған күннен бастап үш ай ішінде жауап берген орган арқылы "
          "жоғары тұрған органға шағым бере аласыз (Қазақстан Республикасы Әкімшілік рәсімдік-процестік кодексінің "
          "91 және 92-баптары). Одан кейін сотқа жүгінуге болады.",
    "ru": "Порядок обжалования. Если вы не согласны с ответом, вы вправе в течение трёх месяцев со дня его получения "
          "подать жалобу в вышестоящий орган через орган, который дал ответ (статьи 91 и 92 Административного "
          "процедурно-процессуального кодекса Республики Казахстан). После этого можно обратиться в суд.",
    "en": "How to complain. If you do not agree with this answer, you may within three months of receiving it complain "
          "to the body above, through the body that answered (articles 91 and 92 of the Administrative Procedural Code "
          "of the Republic of Kazakhstan). After that you may go to court.",
}


def with_how_to_complain(text: str, default_language: str) -> str:
    """The answer with the paragraph on how to complain behind it, in its own language; once, however often called."""
    words = clean(text)
    if not words or any(paragraph in words for paragraph in HOW_TO_COMPLAIN.values()):
        return words
    return f"{words}\n\n{HOW_TO_COMPLAIN[detect_language(words, default_language)]}"
