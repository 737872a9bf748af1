extension WrittenLanguage {
    /// What a language is told by. A word or letter that several have stands with each of them.
    struct Traits: Sendable {
        let code: String
        let words: Set<String>
        let letters: Set<Character>

        fileprivate init(_ code: String, letters: String = "", _ words: String) {
            self.code = code
            self.letters = Set(letters)
            self.words = Set(words.split(whereSeparator: \.isWhitespace).map(String.init))
        }
    }

    static let latin = [
        Traits(
            "en",
            """
            the is are was you your my and or what who where when how why which can could would will please me to of a an \
            in on at it this that these i we do does did don tell give show say have has with for from by be not but no yes \
            hello hi hey thanks thank want need password secret key about all any one so if just let
            """),
        Traits(
            "de", letters: "ßäöü",
            """
            ich du er wir ihr sie und oder nicht kein keine ist sind war bin bist das der die den dem des ein eine einen \
            einem einer mir mich dir dich wie was wer wo wann warum welche welches kann kannst können könntest bitte mein \
            meine meinen dein deine deinen für mit von zu zum zur auf aus bei nach im in an am ja nein hallo danke sag gib \
            zeig zeige passwort kennwort schlüssel habe hast haben hat es auch wird werden noch über uns mal
            """),
        Traits(
            "fr", letters: "çêèœîâù",
            """
            je tu il elle on nous vous ils et ou est es suis sont pas ne les le la un une des du de dans pour avec sur votre \
            vos mon ma mes ton ta tes son sa moi toi me te se que qui quoi quel quelle quels comment pourquoi où quand peux \
            peut pouvez pourrais pourriez plaît svp merci bonjour salut donne donnez dis dites montre mot passe clé ce cette \
            ça c j l d qu n s au aux y en à veux voudrais oui non mais plus
            """),
        Traits(
            "es", letters: "ñ¿¡",
            """
            el la los las un una unos de del que qué y o en no sí es son está están estás para por con sin mi mis tu tus su \
            sus me te se lo le al a como cómo cuál cuáles quién dónde cuándo puedes puede podrías dime dame muéstrame hola \
            buenos buenas gracias favor quiero necesito contraseña clave secreto eso esto esta este yo tú usted pero más muy \
            hay soy eres ayuda ayúdame hacer
            """),
        Traits(
            "it", letters: "èàòù",
            """
            il lo la i gli le un una uno di del della dei che chi è sono non per con da in su mi ti si ci mio mia miei tuo \
            tua come cosa cos qual quale quali dove quando perché puoi può potresti dimmi dammi mostrami ciao grazie favore \
            voglio vorrei ho hai ha questo questa quello e ed o a al alla ma più sei se no chiave segreto buongiorno l d fare
            """),
        Traits(
            "pt", letters: "ãõçê",
            """
            o a os as um uma de do da dos das que e é em no na não sim para pra por com sem meu minha meus minhas seu sua \
            seus teu tua você vocês eu tu me te se lhe como qual quais quem onde quando pode podes poderia diga dá dê mostre \
            olá oi obrigado obrigada favor quero preciso senha chave segredo isso isto esta este está são ao mas mais muito
            """),
        Traits(
            "nl",
            """
            de het een en of ik je jij u hij zij ze we wij is zijn was niet geen wat wie waar wanneer waarom hoe welke kan \
            kun kunt kunnen mij me mijn jouw uw van voor met op in aan te dat dit die er ook maar als nog naar bij hallo hoi \
            dank bedankt alsjeblieft alstublieft geef vertel zeg laat zien wachtwoord sleutel wil heb hebt heeft ben bent nee
            """),
        Traits(
            "pl", letters: "łąęśźżćń",
            """
            nie jest się czy jak mi mnie ci proszę co to w we z ze na do i a o od po dla moje mój moja twój twoje ty ja kto \
            gdzie kiedy dlaczego możesz może mogę podaj powiedz daj pokaż hasło klucz cześć dzień dobry dziękuję są ma mam \
            masz jaki jaka jakie tego tym ale tak chcę
            """),
        Traits(
            "tr", letters: "ğışöüç",
            """
            bir ve bu şu o için ne nedir nasıl neden kim nerede mı mi mu mü bana beni sen ben biz siz senin benim lütfen var \
            yok ver söyle göster şifre şifreyi şifresi parola parolayı anahtar anahtarı merhaba selam teşekkürler evet hayır \
            değil çok ile de da ki gibi olarak misin mısın istiyorum
            """),
        Traits(
            "sv", letters: "åäö",
            """
            jag du han hon vi ni de är inte och att det den en ett som på av med för till från har hade kan kunde vad vem \
            var när hur varför vilken vilket mig dig min mitt mina din ditt dina sig snälla tack hej ge berätta säg visa \
            lösenord lösenordet nyckel nyckeln vill skulle också men eller om i här där någon något inga ingen
            """),
        Traits(
            "da", letters: "åæø",
            """
            jeg du han hun vi i de er ikke og at det den en et som på af med for til fra har havde kan kunne hvad hvem hvor \
            hvornår hvordan hvorfor hvilken hvilket mig dig min mit mine din dit dine sig venligst tak hej giv fortæl vis \
            adgangskode adgangskoden kodeord kodeordet nøgle nøglen vil skulle gerne også men eller om her der nogen noget \
            være bliver ingen ja nej lige
            """),
        Traits(
            "no", letters: "åæø",
            """
            jeg du han hun vi dere de er ikke og å at det den en et ei som på av med for til fra har hadde kan kunne hva \
            hvem hvor når hvordan hvorfor hvilken hvilket meg deg min mitt mine din ditt dine seg vennligst takk hei gi \
            fortell si vis passord passordet nøkkel nøkkelen vil skulle gjerne også men eller om her der noen noe være blir \
            ingen ja nei
            """),
        Traits(
            "fi", letters: "äö",
            """
            minä sinä hän me te he on en ei et olen olet ovat oli ja tai että mikä mitä mitkä kuka missä milloin miksi miten \
            kuinka voitko voisitko voit voin haluan anna antaisitko kerro näytä minulle minun sinun sen se tämä tuo nyt myös \
            mutta kun jos kiitos hei moi ole hyvä salasana salasanan salasanasi avain avaimen kanssa
            """),
        Traits(
            "cs", letters: "řěůčšž",
            """
            je není jsem jsi jsou být a nebo že co kdo kde kdy jak proč mi mě mně ti tě se si to ten ta ty já můj moje tvůj \
            tvoje jaké jaký jaká na v ve z ze s do od po pro za by můžeš může můžete prosím děkuji díky ahoj dobrý den řekni \
            dej dejte ukaž heslo klíč chci potřebuji také ale když který i o ne ano
            """),
        Traits(
            "ro", letters: "șțăîâşţ",
            """
            și este sunt nu că ce cine unde când cum care pe la de în cu din un o lui îmi mă mi te ți se eu tu el ea am ai a \
            are vreau poți puteți pot spune dă dați arată rog vă salut bună mulțumesc parola cheia cheie secret pentru mea \
            meu ta tău asta acest aceasta dar mai in da nu
            """),
        Traits(
            "hu", letters: "őűöü",
            """
            a az egy és vagy nem van vagyok mi ki hol mikor hogyan miért mit kérem kérlek szia köszönöm köszi mondd add \
            mutasd meg nekem engem én te ő hogy ha is de már még csak jelszó jelszót jelszava jelszavam kulcs kulcsot tudsz \
            tudnál tudna lehet akarom szeretném legyen milyen ez azt ezt mert el le igen
            """),
        Traits(
            "vi", letters: "ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹãõêâ",
            """
            tôi bạn là và của có không cho với trong này đó gì nào ai đâu khi làm sao thế được hãy xin chào cảm ơn vui lòng \
            mật khẩu khóa chìa nói biết một các những mình em anh muốn cần
            """),
        Traits(
            "id",
            """
            saya aku kamu anda dia kami kita dan atau tidak bukan ada adalah apa apakah siapa di mana kapan bagaimana kenapa \
            mengapa bisa bisakah dapat tolong mohon beri berikan kasih tahu beritahu tunjukkan katakan yang ini itu untuk \
            dengan dari ke pada dalam sandi kata kunci halo hai terima mau ingin juga tapi sudah belum akan
            """),
    ]

    static let cyrillic = [
        Traits(
            "ru", letters: "ыэё",
            """
            я ты вы он она мы и или не что это как где кто когда почему зачем какой какая какое мне меня тебе тебя мой моя \
            твой твоя ваш вас в на с к у о от до для из по за бы ли же да нет дай дайте скажи скажите покажи покажите \
            пожалуйста привет здравствуйте спасибо пароль ключ есть был хочу можешь можете можно нужно все ещё еще но то
            """),
        Traits(
            "uk", letters: "іїєґ",
            """
            я ти ви він вона ми і й або не що це як де хто коли чому навіщо який яка яке мені мене тобі тебе мій моя твій \
            твоя ваш вас в у на з до від для із по за би чи ж та так ні дай дайте скажи скажіть покажи покажіть будь ласка \
            привіт вітаю дякую пароль ключ є був хочу можеш можете можна треба все ще але то
            """),
        Traits(
            "bg", letters: "ъ",
            """
            аз ти вие той тя ние и или не че това как къде кой коя кое кога защо какъв каква какво ми ме те мен мой моя твой \
            твоя ви в във на с със към у от до за из по би ли да дай дайте кажи кажете покажи покажете моля здравей \
            здравейте благодаря паролата парола ключа ключ ключът е съм си са беше искам можеш можете може трябва още но то \
            се ще този тази
            """),
    ]

    static let arabic = [
        Traits(
            "ar", letters: "ةأإىيك",
            """
            في من على إلى عن مع هل ما ماذا هو هي هذا هذه ذلك التي الذي أن إن لا لم لن كيف أين متى لماذا أنا أنت لي لك أعطني \
            أخبرني قل فضلك المفتاح كلمة المرور السر شكرا مرحبا أريد يا كل بعد قبل و
            """),
        Traits(
            "fa", letters: "پچژگکی",
            """
            است را که این آن از به با برای در و من تو شما ما او چه چیست چی کجا کجاست چرا چگونه چطور لطفا لطفاً سلام ممنون \
            متشکرم بده بگو بگویید نشان رمز عبور کلمه کلید می نمی خواهم کنید کن هست نیست رو
            """),
    ]
}
