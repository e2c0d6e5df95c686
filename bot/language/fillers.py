"""Words of a question that do not tell its topic, such as greetings, for each language that has a stemmer."""

from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import normalise

_ENGLISH = """actually all anymore anyone arent ask asked asking brb cant could couldnt currently detail details didnt
    doesnt     dont everything exactly explain explained explanation get give gonna got guys hadnt hasnt have
    havent hear heard     hello help hey hi hmm hows ill im info information isnt its ive just know latest
    like lmao lol may mean meaning     means need news nope now ok okay omg pardon please pls plz question
    questions quick read really regarding said     say saying says see shouldnt show someone something sorry
    stuff sup sure tell thank thanks thats theres theyre     theyve thing things think thx today um update
    updates wanna want wasnt well were werent weve whats whens wheres     whos whys wondering wont would
    wouldnt yeah yep yo youre"""

_NEGATIONS = """arent cannot cant couldnt didnt doesnt dont hadnt hasnt havent isnt neither never nor not shouldnt wasnt
    werent without wont wouldnt"""
"""Negations. They are function words, but they change what is asked, so they are no fillers."""

_RUSSIAN = """а ли без бы был была были было быть в вам вас ваш во вот все всё вы где да для до его ее её если
    есть еще ещё же за здравствуйте и из или им их к как какая какие какой ко когда кто куда мне можно
    мой мы на над нам нас него нее ней нет но о об он она они оно от по под пожалуйста почему при привет
    про с сколько со спасибо так там те тебе тебя то тоже только ты у уже чего чем что чтобы эта эти это
    этот я"""

_BY_LANGUAGE: dict[str, str] = {
    "arabic": """أن أنا أنت أو إلى إن الذي التي الى ان اي أي أين ب بعد بين تم ثم حتى حول شكرا عن على عند في فيه قد
        كان كل كم كيف لا لم لماذا لن ليس ما ماذا متى مرحبا مع من منذ مين نعم هذا هذه هل هم هو هي و وهو يا
        فضلك السلام عليكم""",
    "armenian": """է են եմ ես և որ այն այս ինչ ինչպես ինչու որտեղ երբ ով մի իր նա նրա համար հետ մեջ բայց կամ ու բարև
        շնորհակալություն խնդրում""",
    "basque": """al bat bai baina da dira dut du edo eta ere ez ezin gu hau hori haiek kaixo mesedez ni nik nire non
        noiz nola nor zein zer zergatik zu eskerrik asko""",
    "catalan": """a al algun amb aquest aquesta com de del des el els em en és estic et ets fa ha hi hola i jo la les
        li ho més meu mi molt no o on per però perquè puc quan que qui què quin quina sense ser si sobre són
        també té tot un una va vaig vull gràcies sisplau""",
    "czech": """a aby ahoj ale ani asi bez bude by byl byla bylo být co či dál děkuji díky do dobrý den ho i já jak
        jako jaká jaké jaký je jeho její jen ještě jsem jsi jsou k kde kdo kdy když která které který ke
        kolik ma má mám mi mně moc může na nad ne nebo není než o od on ona oni po pod podle pokud pro proč
        prosím při s se si tak také tam ten to tom tu ty už v ve však z za ze že""",
    "danish": """af alt at da de den der det din dig du efter eller en er et for fra få går ham han har havde hej her
        hun hvad hvem hvis hvor hvordan hvorfor hvilken ikke ind jeg kan kun man med meget men mig min mon
        nogen noget nu når og også om op os på sig sin skal som så tak til ud var vi vil ved være venligst
        vær sød""",
    "dutch": """aan als alstublieft bij ben dat de deze die dit door een en er iets graag had heb hebben heeft het
        hier hij hoe hoi ik in is ja je jij jullie kan kun kunnen maar me meer met mij mijn naar nee niet
        nog nu of om ons onze ook op over te tot u uit van veel voor waar waarom wat wel welke wie wij wil
        worden wordt zal ze zich zij zijn zo bedankt alsjeblieft""",
    "esperanto": """al ĉar ĉi ĉu da de dum el en estas ĝi ĝis ili ja je jes kaj ke kia kial kiam kie kiel kio kiu kun la
        li mi min ne nur oni por post pri saluton sed sen ŝi sur tio tiu tre vi dankon""",
    "estonian": """aga ei et ja ka kas kes keda kui kuidas kus kuna ma me mida miks mille millal mis mu mul nad ning
        nii nüüd oma on olen oli palun see seda siis ta te tere teie tänan või""",
    "finnish": """ei eli en että hän he hei ja jos joka jotka kanssa kiitos koska kuin kuinka kuka kun me mikä mikään
        miksi missä mitä mistä milloin minä minun mutta myös ne niin nyt olen oli on ovat sen se sinä siellä
        tai tämä te tuo vai voi voinko""",
    "french": """cest quoi jai quest nest lequel à ai alors au aux avec avez avoir bonjour c car ce cela ces cette
        chez ci comme comment d dans de des donc du elle elles en encore est et être eu fait il ils j je l
        la le les leur leurs lui m ma mais me merci mes moi mon n ne nos notre nous on ou où par pas peut
        peux plaît plus pour pourquoi pouvez quand que quel quelle quelles quels qui s sa salut se ses si
        sil son sont sur svp t ta te tes toi ton tu un une va vous vos votre y""",
    "german": """ab aber alle als also am an auch auf aus bei beim bin bis bist bitte da danke dann das dass dein dem
        den denn der des dich die dies diese dieser dir doch du durch ein eine einem einen einer eines er
        erklär es etwas euch für gibt habe haben hallo hat hatte hier ich ihm ihn ihr im in ins ist ja
        jemand kann kannst kein können mal man mehr mein mich mir mit nach noch nun nur ob oder schon sehr
        sein sich sie sind so über um und uns vom von vor war warum was weiß welche welcher wenn wer wie
        wieso wieviel will wir wird wo wurde zu zum zur""",
    "greek": """αυτο αυτος για γεια δεν ειναι εχει η ηταν θα και κατι με μια μου να ναι ο οι οπως οτι που πως ποιος
        ποια ποιο ποτε σας σε στη στην στο στον τα τη την της τι τις το τον του τους των παρακαλω ευχαριστω""",
    "hindi": """और इस इसका एक कब कया कहा कहाँ का कि की कुछ के को कौन क्या क्यों कैसे जो तक तो था थी थे ने पर भी मुझे
        मे में मैं मेरा यह ये या रहा वह से हम हाँ है हैं हो कृपया नमस्ते धन्यवाद""",
    "hungarian": """a az azt be csak de egy el én ez ezt és ha hogy hogyan hol is itt ki kérem köszönöm köszi le lehet
        ma már meg melyik mert mi miért mikor mint mit most nagyon nem neki ő ők pedig szia te van vagy volt""",
    "indonesian": """ada adalah aku akan anda apa apakah atau bagaimana bagi bisa dalam dan dari dengan di dia hai halo
        ini itu jika juga kalau kami kamu kapan karena ke kenapa kita lagi mana mengapa mereka mohon oleh
        pada para saja saya sebuah seperti siapa sudah tapi telah tentang terima kasih tolong untuk yang""",
    "irish": """a ach ag agus an ar as atá bhfuil cad cá cathain cé conas dá de dia do é fad faoi go i iad is ina le
        má mar mé mo na ná ní nó ó os sa sé seo sí sin tá tú céard""",
    "italian": """a agli ai al alla alle anche c che chi ci ciao come con cos cosa da dal dalla degli dei del dell
        della delle di dove e è ed era favore fra gli grazie ha hai ho i il in io l la le lei lo loro lui ma
        me mi mia mio molto ne nel nella non o per perché perche più poi posso puoi qual quale quando quanto
        quella quello questa questo qui sa se sei si sono su sul sulla ti tra tu tutto un una uno vi voi""",
    "korean": """가 같은 거 거야 건 건가 건가요 걸 것 게 궁금 궁금해 궁금해요 궁금합니다 그 그거 그게
        그래서 그런 그런데 그럼 그리고 근데 나 난 내 너 네 누가 누구 누구야 누구예요 누구인가 누구인가요
        님 다 대한 대해 대해서 더 도대체 돼 돼요 됐나 됐나요 됐어 됐어요 되나 되나요 되는 되는지 된 된거
        뭐 뭐가 뭐고 뭐냐 뭐래 뭐라고 뭐야 뭐예요 뭐임 뭐죠 뭐지 뭐하는 뭔 뭔가 뭔가요 뭔데 뭘 무엇
        무엇을 무엇이 무엇인가 무엇인가요 무슨 말 말이야 말해줘 맞나 맞나요 맞아 맞음 몇 몇개 몇명 및
        벌써 보여줘 부탁 부탁해 부탁해요 부탁드립니다 사실이야 사실인가 사실인가요 설명 설명해 설명해줘
        설명해주세요 싶어 싶어요 아니 아직 아직도 안녕 안녕하세요 알고 알려줘 알려주세요 알려줄래 어느
        어디 어디서 어디야 어디에 어디임 어디인가 어디인가요 어떤 어떻게 어때 어때요 어떤가요 언제
        언제부터 언제야 언제인가요 얼마 얼마나 얼마야 왜 요 요약 요약해줘 응 이 이거 이게 이런 이제 이야
        인가 인가요 임 입니까 있나 있나요 있는 있는지 있음 있어 있어요 있을까 저 저거 정말 제발 좀 지금
        진짜 진짜로 진짜야 진짜임 찾아줘 하나 하나요 하는 하는지 한 한거 한다던데 해 해요 했나 했나요
        했는지 했어 했어요 혹시 고마워 고맙습니다 감사 감사합니다 관련 관련해서 관한 관해 ㅋㅋ ㅇㅇ ㄱㄱ""",
    "lithuanian": """apie ar aš ačiū bet bei buvo čia dar dėl gal ir iš į jau jei ji jie jis ką kad kada kaip kam kas
        kiek kodėl kur labas man mano mes ne nes nuo o per po prie prašau su ta tai taip tik tu už yra""",
    "nepali": """अनि एक कति कसरी कहाँ का कि किन को के कुन कृपया छ छन् छु त तपाईं धन्यवाद नमस्ते न पनि भने भयो म मा
        मेरो यो र ले लाई हो""",
    "norwegian": """av at bare da de den der det din du eller en er et etter for fra få han har hei her hun hva hvem
        hvilken hvis hvor hvordan hvorfor i ikke jeg kan man med meg men min mitt noe noen nå når og også om
        opp oss på seg sin skal som så takk til ut var vi vil være vennligst""",
    "persian": """آن از است این اگر با باید بر برای بود بودن به تا چرا چند چه چطور چگونه چی خود در را سلام شد شما کجا
        کدام که کی کنید لطفا ما من مرسی ممنون می نیست و هر هم هست های یا یک""",
    "polish": """a ale bo być by był była było ci co czy czym dla dlaczego do gdzie go i ich ile ja jak jaka jaki
        jakie jako je jego jej jest jeśli już kiedy kim kto które który która lub ma mam mi mnie można moje
        może na nad nie niech o od on ona one po pod proszę przez przy są się skąd ta tak tam te tego tej
        ten to tu ty tylko w we wiem z za ze że cześć hej dzięki""",
    "portuguese": """a ao aos alguém as até com como da das de dela dele do dos e é ela ele eles em então era essa esse
        está estão eu favor foi há isso isto já lá lhe mais mas me meu minha muito na nas no nos nós o
        obrigada obrigado oi olá onde os ou para pela pelo pode por porque posso pra qual quando quanto que
        quem são se sem ser seu sobre sua também te tem tenho um uma você vocês""",
    "romanian": """a ai al am are as au ca când care ce cât cine cu cum da dacă de din după e ea ei el este eu fi fost
        în îmi între la le lui mai mă mea meu mi mulțumesc multumesc ne nu o pe pentru prin rog sa să salut
        se si și sunt te tu un unde unei unui va vă vor""",
    "russian": _RUSSIAN,
    "serbian": """a ali ako bez bi biti bio da do dok ga gde gdje hvala i ili iz ja je jedan jer još kad kada kako kao
        ko koja koje koji koliko li me mi moj može molim mu na nam ne nego nije o od on ona oni po pod pre s
        sa samo se si smo su sta šta što ta taj tako te ti to u uz vi za zašto zasto zdravo ćao а али ако
        без би да до где и из је јер како када ко која које који колико ли на не о од се су шта што то у за
        зашто молим здраво хвала""",
    "sesotho": """ke ka ho ya ba le e a o ha hore mme empa kapa jwang hobaneng mang neng eng hokae dumela kea leboha
        hle""",
    "spanish": """a acerca al algo alguien algún ante así aún ayuda cómo como con cual cuál cuando cuándo cuánto
        cuántos cuántas de del desde donde dónde e el él ella ellas ellos en entre era eres es esa ese eso
        esta está están este esto estoy favor fue gracias ha había hasta hay hola la las le les lo los más
        me mi mí mis mucho muy ni no nos nosotros o os otra otro para pero por porque pues puede puedo que
        qué quien quién saber se ser si sí sin sobre son su sus también te tengo ti tiene tu tú un una unos
        usted y ya yo""",
    "swedish": """att av bara blev bli de dem den det dig din du där efter eller en er ett finns från för får han har
        hej henne hon honom hur här i icke ingen inte jag kan man med mer mig min mitt mot mycket någon
        något när nu och om oss på samma sedan sig sin ska skulle som så tack till under upp ut vad var
        varför vart vem vi vid vilka vilken vill är snälla""",
    "tamil": """அது அந்த ஆனால் இது இந்த உள்ளது எங்கே எது எந்த என என்ன என்று எப்படி எப்போது ஏன் ஒரு நான் நீங்கள்
        மற்றும் யார் வணக்கம் நன்றி தயவுசெய்து""",
    "turkish": """acaba ama bana bazı belki ben beni benim bir biri birşey biz bu bunu çok da daha de değil diye en
        gibi hangi hem her hiç için ile ise kaç kadar ki kim lütfen merhaba mi mı mu mü nasıl ne neden nedir
        nerede niçin niye o onu onun sen şey siz şu teşekkürler tüm var ve veya ya yani yok selam""",
    "ukrainian": """а але або б без би був була були було бути в вам вас ваш ви вже він від вона вони
        воно все всі де для до дякую є ж же за з зі із знає знаєш зараз й і із їй їм їх її його коли
        кого кому котрий куди має мають ми мене мені мій можна може можете на навіщо над нам нас наш не
        нема немає ні ну о об от ото оце по під поясни поясніть при привіт про прошу розкажи розкажіть
        розповіси скажи скажіть скільки сам так такий така таке такі там та те теж тепер ти тих ті
        тільки то тобі того той тому тоді тут у уже хай хто хтось це цей ця ці цього цьому цих чи чим
        чий чия чиї чого чому що щоб щодо щось ще як яка яке яким яких якими які який якій якого якої
        якому якось якщо ласка будь вітаю добрий день дай дайте взагалі справді невже хіба шо шось
        цікаво підкажіть підкажи інфо новини"""
    + _RUSSIAN,
    "yiddish": """איז אין און אַ אן די דער דאָס דאס וואָס וואס ווי וואו ווען ווער פארוואס מיט פון פֿון צו אויף איך דו
        ער זי מיר איר ניט נישט ביטע א דאנק שלום""",
}
"""Function words, greetings and thanks of each language, as members of a server type them."""


def fillers(language: str) -> frozenset[str]:
    """Return the fillers of one language. Those of English are included, because servers of all languages use them."""
    english = (FUNCTION_WORDS | frozenset(_ENGLISH.split())) - frozenset(_NEGATIONS.split())
    own = _BY_LANGUAGE.get({"dutch_porter": "dutch"}.get(language, language), "")
    return english | frozenset(normalise(own).split())
