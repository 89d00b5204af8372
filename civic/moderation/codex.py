"""The codex: for which reasons something may be hidden, and for which never. Published as the page «rules» in three languages.

The texts are data, not catalogue entries: what was decided by them is quoted for years.
"""

from dataclasses import dataclass
from enum import StrEnum

Translated = dict[str, str]


class Reason(StrEnum):
    """The only reasons for hiding anything."""

    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    HATRED = "hatred"
    THREAT = "threat"
    OBSCENE = "obscene"
    ADVERTISING = "advertising"
    FLOOD = "flood"
    COURT_ORDER = "court_order"


@dataclass(frozen=True)
class Article:
    """One paragraph of the codex. title stands on the tombstone."""

    title: Translated
    text: Translated


CODEX: dict[Reason, Article] = {
    Reason.INSULT: Article(
        {"kk": "Адамды қорлау", "ru": "Оскорбление человека", "en": "Insult of a person"},
        {"kk": "Сөгіс пен қорлау сөздер белгілі бір адамға айтылса, жасырылады. Сөздің өзі көпшілікке қайталап келтірілмейді. "
               "Жұмысқа айтылған сын, ол қанша қатты болса да, қорлау емес.",
         "ru": "Скрываются бранные слова, обращённые к человеку. Сами слова публично не повторяются. Критика работы, "
               "даже самая резкая, оскорблением не считается.",
         "en": "Abuse that is aimed at a person is hidden. The words themselves are not repeated in public. Criticism of "
               "somebody's work, however sharp, is no insult."}),
    Reason.PERSONAL_DATA: Article(
        {"kk": "Дербес деректер", "ru": "Персональные данные", "en": "Personal data"},
        {"kk": "Келісімінсіз жарияланған ЖСН, телефон нөмірі, банк картасы, үй мекенжайы, денсаулық туралы мәлімет, бөгде адамның "
               "беті немесе көліктің нөмірі. Лауазымды адамның аты мен қызметі дербес дерек ретінде жасырылмайды.",
         "ru": "ИИН, номер телефона, банковской карты, домашний адрес, сведения о здоровье, лицо постороннего человека или номер "
               "машины, опубликованные без согласия. Имя и должность должностного лица по этой причине не скрываются.",
         "en": "An IIN, a telephone number, a bank card, a home address, facts about health, a bystander's face or a number plate, "
               "published without consent. An official's name and post are not hidden for this reason."}),
    Reason.HATRED: Article(
        {"kk": "Араздық қоздыру", "ru": "Разжигание вражды", "en": "Incitement to hatred"},
        {"kk": "Ұлтына, дініне, тіліне, жынысына, тегіне немесе мүгедектігіне бола адамдарды кемсітуге немесе оларға қарсы әрекетке шақыру.",
         "ru": "Призывы унижать людей или действовать против них из-за национальности, веры, языка, пола, происхождения или инвалидности.",
         "en": "Calls to demean people or to act against them for their nationality, faith, language, sex, origin or disability."}),
    Reason.THREAT: Article(
        {"kk": "Қорқыту және зорлыққа шақыру", "ru": "Угрозы и призывы к насилию", "en": "Threats and calls to violence"},
        {"kk": "Белгілі бір адамға немесе топқа күш қолданамын деп қорқыту, күш қолдануға шақыру.",
         "ru": "Угрозы применить силу к человеку или группе и призывы к этому.",
         "en": "Threats of force against a person or a group, and calls to use it."}),
    Reason.OBSCENE: Article(
        {"kk": "Әдепсіз мазмұн", "ru": "Непристойное содержание", "en": "Obscene content"},
        {"kk": "Порнография, қатыгездік көріністері, мәселеге қатысы жоқ боғауыз сөз.",
         "ru": "Порнография, сцены жестокости, нецензурная брань, не относящаяся к делу.",
         "en": "Pornography, scenes of cruelty, foul language that has nothing to do with the matter."}),
    Reason.ADVERTISING: Article(
        {"kk": "Жарнама және алаяқтық", "ru": "Реклама и мошенничество", "en": "Advertising and fraud"},
        {"kk": "Тауар мен қызметті ұсыну, ақша жинау, күмәнді сілтемелер.",
         "ru": "Предложение товаров и услуг, сборы денег, сомнительные ссылки.",
         "en": "Offers of goods and services, collections of money, doubtful links."}),
    Reason.FLOOD: Article(
        {"kk": "Бір мәтінді көп қайталау", "ru": "Многократное повторение одного и того же", "en": "The same text over and over"},
        {"kk": "Сол бір мәтін бірнеше рет жіберілсе, қайталанғандары жасырылады; біріншісі қалады. Бір мәселе туралы бөлек-бөлек "
               "жазған тұрғындардың өтініштері қайталау емес.",
         "ru": "Если один и тот же текст отправлен много раз, повторы скрываются, первый остаётся. Обращения разных жителей об одном и том "
               "же повтором не считаются.",
         "en": "When the same text is sent many times the repetitions are hidden and the first one stays. Several residents who write "
               "about one matter are no repetition."}),
    Reason.COURT_ORDER: Article(
        {"kk": "Сот актісі", "ru": "Решение суда", "en": "Court order"},
        {"kk": "Сот актісі бойынша дереу жасыру. Құжаттың нөмірі журналда көрсетіледі.",
         "ru": "Срочное скрытие по решению суда. Номер документа указывается в журнале.",
         "en": "Withdrawn at once because a court ordered it. The number of the document stands in the log."}),
}

#: What is never a reason, and stands on the same page.
NEVER: tuple[Article, ...] = (
    Article({"kk": "Лауазымды адамдар мен органдарды сынау – жасыруға себеп емес", "ru": "Критика должностных лиц и органов – не причина",
             "en": "Criticism of officials is not a reason"},
            {"kk": "«Әкімдік жұмыс істемейді», «жауап – құр сөз», «басшы кетсін» деген сөздер қалады. Әділетсіз көрінсе де, ащы айтылса да қалады.",
             "ru": "Слова «акимат не работает», «ответ – отписка», «пусть руководитель уйдёт» остаются. Остаются и тогда, когда кажутся несправедливыми или сказаны резко.",
             "en": "“The akimat does not work”, “this answer is empty”, “the head should go” stay, also when they seem unfair or are said sharply."}),
    Article({"kk": "Қателер мен тілдің қарапайымдылығы", "ru": "Ошибки и простой язык", "en": "Mistakes and plain language"},
            {"kk": "Емле қателері, аралас тіл, ашуланып жазу – себеп емес.", "ru": "Орфографические ошибки, смешанная речь, раздражённый тон – не причина.",
             "en": "Spelling mistakes, mixed languages and an angry tone are no reason."}),
    Article({"kk": "Біреуге ұнамауы", "ru": "То, что это кому-то неприятно", "en": "That somebody dislikes it"},
            {"kk": "Өтініш, жауап немесе сурет біреуге ұнамағаны үшін ғана жасырылмайды. Хабарлағандардың саны да себеп емес.",
             "ru": "Обращение, ответ или фото не скрываются только потому, что кому-то не нравятся. Число жалоб тоже не причина.",
             "en": "A complaint, an answer or a photo is not hidden because somebody dislikes it. Nor is the number of flags a reason."}),
)

#: What stands in place of a hidden title or name that cannot be left empty.
HIDDEN_TITLE: Translated = {"kk": "Модератор жасырған", "ru": "Скрыто модератором", "en": "Hidden by a moderator"}
#: The same where one word stands for all languages: the name of a person, a choice of a poll.
NOBODY = "–"
#: What stands where an author took personal data out of a text, in whatever language it is.
REMOVED = "[…]"
