"""Words of job titles, in Chinese, English and other languages that resumes come in."""

import re

from processors.lexicon.script import is_han
from processors.lexicon.short_texts import kept_if_short

_TITLE_HAN = re.compile(
    r"(?:师|经理|总监|主管|专员|助理|顾问|代表|工程师|主任|总裁|总经理|董事长?|秘书|文员|会计|出纳|店长|组长|班长|队长|负责人|实习生?|设计|开发|运营"
    r"|销售|客服|编辑|记者|翻译|教练|助教|学徒|领班|店员|导购|保安|收银|护士长?|医生|医师|律师|教师|老师|讲师|教授|研究员|分析师|架构师|专家|科学家|合伙人|创始人|CEO|CTO|COO|CFO|程序员"
    r"|测试|前端|后端|产品|策划|采购员?|司机|厨师|技术员|操作员|管理员|检验员|审计|法务|人事|行政|督导|主席|部长|书记|干事|成员|法官|校长|院长|处长|科长"
    r"|HRBP|HR|BD|PM|员|长|岗|(?<![重化建精军])工)(?:[IVX\d]{1,3})?(?:[（(][^()（）]{1,20}[)）])?$"
)
_TITLE_LATIN = re.compile(
    r"(?<!saint-)\b(?:engineer|developer|manager|analyst|designer|consultant|director|specialist|assistant|associate|officer"
    r"|administrator|architect|lead|intern|internship|accountant|nurse|teacher|coordinator|executive|programmer|scientist|head|chief"
    r"|representative|technician|supervisor|student|researcher|professor|president|founder|ceo|[se]vp|avp|cto|cfo|coo|vp|owner|partner"
    r"|lawyer|attorney|counsel|operator|mechanic|writer|editor|chef|cook|buyer|planner|advisor|adviser|recruiter|trainer|tutor|lecturer"
    r"|agent|clerk|cashier|driver|physician|doctor|therapist|pharmacist|paralegal|secretary|receptionist|auditor|controller|bookkeeper"
    r"|strategist|producer|artist|photographer|animator|translator|instructor|educator|fellow|postdoc|member|volunteer|trainee"
    r"|apprentice|worker|superintendent|foreman|inspector|electrician|merchandiser|marketer|tester|qa|sde|sre|dba|devops|freelance(?:r)?"
    r"|contractor|expert|master|principal|staff|generalist|broker|trader|banker|actuary|economist|chemist|biologist"
    r"|sommelier|barista|waiter|waitress|steward|concierge|dispatcher|surgeon|librarian|journalist|reporter|curator|host|guard"
    r"|counsell?or|vocalist|musician|singer|performer|captain|ambassador|mentor|facilitator|organi[sz]er|webmaster|stylist|baker|butcher|carpenter|plumber|mason"
    r"|painter|gardener|nanny|babysitter|coach|veterinarian|psychologist|pilot|sergeant|lieutenant|dean|registrar|archivist|historian|statistician|mathematician"
    r"|physicist|geologist|ranger|firefighter|paramedic|phlebotomist|radiographer|caregiver|carer|housekeeper|janitor|porter|picker|packer|handler|assembler"
    r"|fitter|installer|technologist|helper|labou?rer|liaison|scholar|chair(?:man|woman|person)?|treasurer|moderator|evangelist|tl|scrum master|copywriter"
    r"|caretaker|cleaner|hygienist|dentist|optician|midwife|aide|surveyor|estimator|welder|machinist|processor|underwriter|teller|bartender|hrbp"
    r"|leader|(?:kitchen|farm|stable|stage|factory|dairy|shop|mill) ?hand|operative|attendant|courier|chauffeur|custodian|roofer|plasterer|joiner|bricklayer|scaffolder|tiler|decorator|landscaper|groundskeeper|storekeeper|demonstrator|adjuster|appraiser"
    r"|actor|actress|dancer|choreographer|pastor|nutritionist|dietiti?an|audiologist|an(?:ae|e)sthetist|clinician|practitioner|hostess|locksmith|solicitor|barrister|typist|usher|headteacher"
    r"|bookseller|florist|jewell?er|tailor|seamstress|upholsterer|miner|driller|rigger|sailor|deckhand|bosun|seafarer|stevedore|conductor|groomer|lifeguard|interpreter|proofreader"
    r"|mixologist|roaster|winemaker|fundraiser|negotiator|investigator|detective|constable|soldier|commander|cadet|midshipman|nun|priest|imam|rabbi|chaplain|undertaker|commis|sous chef|dispenser|chef de partie|storeperson|(?:store|shop|gate|time|zoo|bar|book|green)[ -]?keeper|craftsman|service crew|crew|crewman|boatswain|oiler|mate|fisherman|farmhand|stockman|shopkeeper|salesperson|salesm[ae]n|saleswom[ae]n|receivables clerk|runner|doula|masseu(?:r|se)|beautician|hairdresser|webdesigner|composer|docent|invigilator|examiner|assessor|verifier|matron|magistrate|councill?or|diplomat|consul|envoy|attaché|minister|deputy|delegate|regulator|scheduler|expediter|draughtsman|draftsman|drafter|toolmaker|millwright|boilermaker|banksman|slinger|commissioner|conservationist|forester|arborist|agronomist|botanist|zoologist|ecologist|hydrologist|meteorologist|astronomer|geophysicist|metallurgist|epidemiologist|radiologist|cardiologist|oncologist|pediatrician|paediatrician|psychiatrist|podiatrist|chiropractor|osteopath|physiotherapist|sonographer|optometrist|orthodontist|pathologist|biochemist|immunologist|toxicologist|technicians|columnist|blogger|vlogger|influencer|streamer|videographer|cinematographer|gaffer|stagehand|groundsman|gamekeeper|beekeeper|verger|organist|pianist|violinist|drummer|guitarist|acrobat|clown|magician|stuntman|jockey|referee|umpire|tallyman|bellhop|doorman|bouncer|valet|maid|launderer|knitter|cobbler|blacksmith|farrier|goldsmith|silversmith|engraver|ceramicist|sculptor|illustrator|cartoonist|cartographer)\b",
    re.IGNORECASE,
)

_TITLE_EUROPEAN = re.compile(
    r"(?:entwickler|ingenieur|leiter|berater|assistent|sachbearbeiter|referent|werkstudent|praktikant|volont[äa]r|techniker|lehrer|pfleger|verk[äa]ufer"
    r"|f[üu]hrer|buchhalter|mechaniker|elektriker|kaufmann|kauffrau|fachkraft|angestellter?|mitarbeiter|trainer|arzt|[äa]rztin|architekt|gestalter|redakteur"
    r"|krankenschwester|auszubildender?|dozent|kellner|fahrer|administrator|spezialist|analyst|vertreter)(?:/?-?\*?:?in(?:nen)?)?\b"
    r"|\b(?:ing[ée]nieur|d[ée]veloppeu(?:r|se)|responsable|administrat(?:eur|rice)|op[ée]rat(?:eur|rice)|formateur|formatrice|animat(?:eur|rice)|chef(?:fe)? d|direct(?:eur|rice)|assistante|charg[ée]e? d|analyste|programmeu(?:r|se)|stagiaire|technicien(?:ne)?|comptable|infirmi[èe]re?"
    r"|professeur|vendeu(?:r|se)|consultante|g[ée]rante?|alternante?|conseill[èe]re?|r[ée]dact(?:eur|rice)|gestionnaire|nhân viên|kỹ sư|trưởng phòng|giám đốc|kế toán|lập trình viên|chuyên viên|trợ lý|giáo viên|quản lý|thực tập sinh|kierownik|inżynier|programista|księgow[ay]|sprzedawca|nauczyciel(?:ka)?|specjalista|asystent(?:ka)?|müdürü?|mühendisi?|uzmanı?|öğretmen|yöneticisi?|инженер|менеджер|разработчик|бухгалтер|директор|специалист|аналитик|учитель|врач|staf|karyawan|manajer|guru|säljare|ingenjör|lärare|sjuksköterska|medewerker|verkoper|hoofd|enseignante?|secr[ée]taire|ouvri[èe]re?"
    r"|ingeniero|desarrollador|gerente|director|profesor|enfermer[oa]|becari[oa]|coordinador|analista|t[ée]cnico|ingegnere|responsabile|sviluppatore|impiegat[oa])",
    re.IGNORECASE,
)
_TITLE_OF_MORE = re.compile(
    # German; the feminine ends in -in
    r"(?:sekret[äa]r|schwei(?:ß|ss)er|schlosser|tischler|dachdecker|installateur|monteur|lagerist|disponent|erzieher|friseur|apotheker|hausmeister|betreuer"
    r"|reinigungskraft|b[üu]rokraft|therapeut|anwalt|makler|[üu]bersetzer|dolmetscher|bibliothekar|wissenschaftler|chemiker|physiker|laborant|koordinator|kassierer"
    r"|polizist|offizier|optiker|fliesenleger|zimmerer|meister|geselle)(?:/?-?\*?:?in(?:nen)?)?\b"
    r"|(?:fachfrau|fachmann|kaufleute|fachinformatiker(?:in)?|assistenz|aushilfe|hilfskraft|servicekraft|lehrling|azubi|trainee|lektor(?:in)?|empfangsmitarbeiter(?:in)?|sachbearbeitung|leitung|bauleiter(?:in)?|pfleger(?:in)?|zusteller(?:in)?|bote|botin|kraftfahrer(?:in)?|gehilf(?:e|in)|inspektor(?:in)?|rat|rätin|sprecher(?:in)?|prüfer(?:in)?|planer(?:in)?|zeichner(?:in)?|entwicklung(?=$)|verwalter(?:in)?|beamt(?:er|e|in)|dreher(?:in)?|fräser(?:in)?|mechatroniker(?:in)?|elektroniker(?:in)?|anlagenführer(?:in)?|bediener(?:in)?)\b"
    r"|\b(?:koch|k[öo]chin|maler(?:in)?|maurer(?:in)?|b[äa]cker(?:in)?|metzger(?:in)?|g[äa]rtner(?:in)?|schneider(?:in)?|hebamme|soldat(?:in)?|notar(?:in)?)\b"
    # Nordic, Dutch
    r"|(?:medarbejder|medarbeider|konsulent|sygeplejerske|sykepleier|sjuksköterska|undersköterska|pædagog|lærer|tekniker|koordinator|rådgiver|rådgivare|leder|ledare|chef"
    r"|handläggare|utvecklare|biträde|saksbehandler|regnskapsfører|tømrer|snekker|snickare|lagerarbetare|elektriker|verpleegkundige|leraar|adviseur|ontwikkelaar|beheerder"
    r"|verzorgende|timmerman|begeleider|specialist|manager|ingeniør|udvikler|revisor|assistent)(?:en|s)?\b|\b(?:kock|kok|kokk|ekonom|økonom)\b"
    r"|(?:säljare|selger|sælger|montør|montör|sjåfør|chauffør|chaufför|arbetare|arbeider|arbejder|förare|mekaniker|målare|målare|murare|murer|maler|bagare|baker|bager|slakter|slagter|vaktmester|vaktmästare|renholder|städare|førskolelærer|förskollärare|barnehagelærer|arkitekt|jurist|advokat|læge|lege|läkare|tannlege|tandlæge|fysioterapeut|psykolog|sekretær|sekreterare|kontorist|receptionist|resepsjonist|bokholder|bogholder|redovisningsekonom|controller|forsker|forskare|stipendiat|professor|lektor|amanuens|studentassistent|praktikant|vikar|lærling|lärling|elev|trainee|projektledare|projektleder|prosjektleder|prosjektkoordinator|utvikler|systemutvikler|programmerer|programmerare|assistent|medhjælper|hjelpepleier|helsefagarbeider|vårdare|vårdbiträde|barnskötare|servitør|servitör|servitris|kassör|kasserer|butikschef|butikksjef|avdelingsleder|avdelningschef|daglig leder|verkställande direktör|direktør|direktör|chef)(?:en|s)?\b"
    r"|\b(?:työntekijä|\w+työntekijä|kuljettaja|myyjä|hoitaja|sairaanhoitaja|opettaja|johtaja|päällikkö|insinööri|asentaja|kokki|tarjoilija|siivooja|sihteeri|harjoittelija|suunnittelija|kehittäjä|asiantuntija|konsultti|kirjanpitäjä)\b"
    # Polish, Czech, Slovak, Hungarian, Romanian, South Slavic
    r"|\b(?:operator(?:ka)?|piekarz|kucharz|kucharka|kelner(?:ka)?|kierowca|magazynier(?:ka)?|mechanik|elektryk|spawacz|ślusarz|murarz|stolarz|hydraulik|tokarz|frezer|pielęgniar(?:ka|z)|lekarz|lekarka|położna|farmaceut(?:ka)?|ratownik|referent(?:ka)?|sekretarka|recepcjonist(?:a|ka)|kasjer(?:ka)?|doradca|przedstawiciel(?:ka)?|koordynator(?:ka)?|brygadzista|mistrz|majster|dyrektor(?:ka)?|prezes|praktykant(?:ka)?|stażyst(?:a|ka)|konsultant(?:ka)?|analityk|grafik|tester(?:ka)?|projektant(?:ka)?|architekt|prawnik|radca prawny|adwokat|opiekun(?:ka)?|wychowawca|pedagog|psycholog|tłumacz(?:ka)?|dziennikarz|dziennikarka|fryzjer(?:ka)?|kosmetyczka|sprzątaczka|ochroniarz|pracownik|pracowniczka|robotnik|pomocnik|szef|szefowa|starszy|młodszy"
    r"|účetní|asistent(?:ka)?|prodavač(?:ka)?|řidič|kuchař(?:ka)?|číšník|servírka|zdravotní sestra|lékař(?:ka)?|učitel(?:ka)?|vedoucí|ředitel(?:ka)?|technik|technička|skladník|obchodní zástupce|programátor(?:ka)?|vývojář(?:ka)?|inženýr|brigádník|dělník|dělnice|svářeč|elektrikář|zedník|truhlář|instalatér|účtovník|účtovníčka|predavač(?:ka)?|vodič|vedúci|vedúca|riaditeľ(?:ka)?"
    r"|könyvelő|pénztáros|eladó|sofőr|gépkocsivezető|szakács|felszolgáló|pincér|ápoló|orvos|tanár|tanító|mérnök|fejlesztő|programozó|vezető|igazgató|asszisztens|titkárnő|raktáros|hegesztő|villanyszerelő|kőműves|gyakornok|tanácsadó|ügyintéző|értékesítő|menedzser|technikus|szerelő|operátor)(?!\w)|(?:kezelő|munkás|szerelő|mester|segéd|rendező|felelős|nyíró|gyártó)(?!\w)|\b(?:ügyvezető"
    r"|contabil(?:ă)?|casier(?:ă)?|vânzător|vânzătoare|șofer|bucătar(?:ă)?|ospătar|asistent(?:ă)? medical(?:ă)?|medic|profesor|profesoară|învățător|învățătoare|inginer(?:ă)?|programator|dezvoltator|șef|director|economist|mecanic|electrician|sudor|zidar|lucrător|operator|secretară|consilier|agent|referent|manager"
    r"|računovođa|blagajnik|prodavač|prodavačica|prodavac|vozač|kuhar|konobar|konobarica|medicinska sestra|liječnik|lekar|učitelj|nastavnik|inženjer|programer|voditelj|direktor|tajnica|skladištar|zavarivač)\b"
    # Russian, Ukrainian, Bulgarian, Greek, Turkish, Arabic, Hebrew
    r"|\b(?:экономист|бухгалтер|водитель|повар|официант|медсестра|воспитатель|преподаватель|юрист|секретарь|кассир|продавец|кладовщик|слесарь|сварщик|электрик|электромонтёр|токарь|мастер|начальник|руководитель|заместитель|помощник|ассистент|оператор|администратор|программист|тестировщик|дизайнер|архитектор|консультант|представитель|логист|маркетолог|координатор|стажёр|стажер|практикант|рабочий|грузчик|охранник|тренер|лаборант|технолог|механик|хирург|терапевт|фельдшер|провизор|фармацевт|бариста|копирайтер|редактор|переводчик|журналист|ведущий|старший|младший|главный|инспектор|методист|доцент|профессор|диспетчер|машинист|монтажник|прораб"
    r"|водій|кухар|офіціант|медсестра|викладач|вчитель|вчителька|лікар|юрист|касир|продавець|комірник|керівник|адміністратор|програміст|розробник|фахівець|спеціаліст|начальник|інженер|менеджер|счетоводител|шофьор|готвач|сервитьор|учител|лекар|продавач|касиер|управител|ръководител"
    r"|λογιστής|λογίστρια|ταμίας|πωλητής|πωλήτρια|οδηγός|μάγειρας|σερβιτόρος|νοσοκόμα|νοσηλευτής|νοσηλεύτρια|γιατρός|ιατρός|δάσκαλος|δασκάλα|καθηγητής|καθηγήτρια|μηχανικός|προγραμματιστής|διευθυντής|διευθύντρια|υπεύθυνος|υπεύθυνη|υπάλληλος|βοηθός|γραμματέας|σύμβουλος"
    r"|sorumlusu?|elemanı|şefi?|memuru?|görevlisi?|danışmanı?|temsilcisi?|teknisyeni?|teknikeri?|operatörü?|asistanı?|koordinatörü?|direktörü?|başkanı?|stajyeri?|hemşire(?:si)?|doktoru?|avukat|şoförü?|garson|aşçı(?:sı)?|kasiyer|sekreter(?:i)?|muhasebeci(?:si)?|geliştirici(?:si)?|yazılımcı|analisti?|editörü?|tasarımcı(?:sı)?|mimar(?:ı)?|işçisi?|ustası?|çırak"
    r"|مهندسة?|محاسبة?|معلمة?|مدرسة مساعدة|مدرس(?!ة)|طبيبة?|ممرضة?|صيدلانية?|صيدلي|محامية?|مديرة?|مشرفة?|مساعدة?|سكرتيرة?|موظفة?|فني(?:ة)?|سائق|طباخ|بائعة?|مندوبة?|مبرمجة?|مطورة?|محللة?|مصممة?|استشارية?|مستشارة?|منسقة?|رئيسة?|نائبة?|أخصائية?|أمين صندوق|كاشير|متدربة?|باحثة?|أستاذة?|محاضرة?"
    r"|מנהלת?|מהנדסת?|מורה|אחות|רופאה?|מזכירה|פקידת?|פקיד|מתכנתת?|מפתחת?|יועצת?|עוזרת?|רואת? חשבון|חשבת?|טכנאית?|נהגת?|טבחית?|מלצרית?|מוכרת?|רכזת?|מדריכה?|סטודנטית?|מתמחה)(?!\w)"
    # Indonesian, Malay
    r"|\b(?:kasir|pramusaji|koki|juru masak|sopir|pengemudi|perawat|bidan|dokter|dosen|asisten|sekretaris|akuntan|pengacara|teknisi|mekanik|petugas|penjaga|kepala|direktur|magang|pegawai|pembantu|penjual|pramuniaga|pengembang|perancang|penerjemah|penulis|kerani|jurutera|penyelia|pengurus)\b"
    # French
    r"|\b(?:caissi(?:er|[èe]re)|cuisini(?:er|[èe]re)|serveu(?:r|se)|boulang(?:er|[èe]re)|plombi(?:er|[èe]re)|[ée]lectricien(?:ne)?|m[ée]canicien(?:ne)?|menuisi(?:er|[èe]re)"
    r"|ma[çc]on(?:ne)?|soudeu(?:r|se)|conduct(?:eur|rice)|magasini(?:er|[èe]re)|pr[ée]parat(?:eur|rice)|manutentionnaire|aide[- ]soignante?|sage-femme|m[ée]decin"
    r"|pharmacien(?:ne)?|avocate?|juriste|chercheu(?:r|se)|[ée]tudiante?|coiffeu(?:r|se)|employ[ée]e?|h[ôo]tesse|post-doctorante?|attach[ée]e?|agent d|ma[îi]tre(?:sse)? de conf[ée]rences|ater|hotliner|cariste|pr[ée]parateur|chauffeur|livreu(?:r|se)|aide|auxiliaire|op[ée]rateur|monteu(?:r|se)|peintre|carreleu(?:r|se)|couvreu(?:r|se)|chauffagiste|[ée]ducat(?:eur|rice)|moniteur|monitrice|surveillante?|b[ée]n[ée]vole|apprentie?|[ée]quipi(?:er|[èe]re)|plongeu(?:r|se)|commis|p[âa]tissi(?:er|[èe]re)|bouch(?:er|[èe]re)|fleuriste|journaliste|photographe|architecte|g[ée]om[èe]tre|notaire|huissi(?:er|[èe]re)|greffi(?:er|[èe]re)|kin[ée]sith[ée]rapeute|orthophoniste|psychologue|v[ée]t[ée]rinaire|opticien(?:ne)?|dentiste|ambulanci(?:er|[èe]re)|pompier|gardien(?:ne)?|gendarme|polici(?:er|[èe]re)|militaire|r[ée]ceptionniste|graphiste|traduct(?:eur|rice)"
    r"|acheteu(?:r|se)|contr[ôo]leu(?:r|se)|chef(?:fe)? de|ma[îi]tre d|cadre)\b"
    # Spanish, Portuguese, Italian
    r"|\b(?:cajer[oa]|camarer[oa]|cociner[oa]|dependient[ae]|administrativ[oa]|secret[aá]ri[oa]|contable|contador(?:a)?|conductora?|chofer|operari[oa]|obrer[oa]"
    r"|mozo de|almacener[oa]|electricista|fontaner[oa]|mec[áa]nic[oa]|soldador(?:a)?|alba[ñn]il|carpinter[oa]|maestr[oa]|docente|m[ée]dic[oa]|auxiliar|farmac[ée]utic[oa]"
    r"|abogad[oa]|arquitect[oa]|vendedor(?:a)?|jef[ea] de|encargad[oa]|supervisora|recepcionista|limpiador(?:a)?|vigilante|traductor(?:a)?|periodista|dise[ñn]ador(?:a)?"
    r"|desarrolladora?|ilustrador(?:a)?|programador(?:a)?|pedagog[oa]|fisioterapeuta|enfermeir[oa]|t[ée]cnic[oa]|atendente|caixa|operador(?:a)?|motorista|cozinheir[oa]|gar[çc]om|gar[çc]onete|porteir[oa]|assistente|analista|coordenador(?:a)?|supervisor(?:a)?|gerente|diretor(?:a)?|desenvolvedor(?:a)?|advogad[oa]|m[ée]dic[oa]|dentista|nutricionista|psic[óo]log[oa]|bibliotec[áa]ri[oa]|cont[áa]bil|comprador(?:a)?|pesquisador(?:a)?|estagi[áa]ri[oa]|bolsista|ajudante|repositor(?:a)?|ayudante|pe[óo]n|capataz|enc\.|consultor(?:a)?|asesor(?:a)?|investigador(?:a)?|redactor(?:a)?|gestor(?:a)?|directora|coordinadora|engenheir[oa]|professora?|estagi[áa]ri[oa]"
    r"|cameriere|cuoco|commess[oa]|operai[oa]|segretari[oa]|ragionier[ea]|cassier[ea]|magazzinier[ea]|addett[oa]|enolog[oa]|assistente|insegnante|docente|infermier[ea]|medico|avvocat[oa]|architett[oa]|geometra|contabile|autista|barista|pizzaiol[oa]|pasticcer[ea]|elettricista|idraulico|saldatore|muratore|falegname|meccanico|tecnico|tirocinante|stagista|direttore|direttrice|capo(?:cantiere|squadra|reparto|sala)|coordinatore|coordinatrice|collaboratore|collaboratrice|ricercator[ei]|ricercatrice|programmatore|grafic[oa]|progettista|receptionist|educatore|educatrice|animatore|animatrice|agente|venditore|venditrice|apprendista)\b"
    # Vietnamese
    r"|\b(?:nhân viên|kỹ sư|kĩ sư|trưởng (?:phòng|nhóm|bộ phận|ca)|phó (?:phòng|giám đốc)|giám đốc|kế toán|quản lý|chuyên viên|giáo viên|lập trình viên|thực tập sinh"
    r"|công nhân|lái xe|tài xế|y tá|điều dưỡng|bác sĩ|dược sĩ|trợ lý|thư ký|giám sát|cộng tác viên|tổ trưởng)\b",
    re.IGNORECASE,
)
_TITLE_ASIAN = re.compile(
    r"(?:사원|주임|대리|과장|차장|부장|팀장|실장|본부장|이사|상무|전무|대표(?:이사)?|매니저|연구원|엔지니어|개발자|디자이너|간호사|교사|인턴|강사|상담[원사]|기획자|운영자|관리자|담당자|조무사|요리사|조리사|기사|작업자"
    r"|직원|비서|회계사|세무사|변호사|약사|의사|치료사|복지사|영양사|바리스타|점장|아르바이트|컨설턴트|마케터|프로그래머|분석가|아키텍트|기자|작가|편집자|번역가|통역사)(?: ?[(（][^()（）]{1,12}[)）])?$"
    r"|(?:エンジニア|マネージャー?|デザイナー|プログラマー?|コンサルタント|ディレクター|リーダー|スタッフ|アシスタント|ドライバー|オペレーター|アルバイト|インターン|パート|プランナー|アナリスト|バイヤー|シェフ|セールス|マーケター"
    r"|营业(?:职|担当|事务|企画)?|事务(?:职|员)?|贩売员?|店长|主任|系长|课长|部长|次长|室长|取缔役|社员|职员|看护师|介护[士职]|保育士|教谕|教员|讲师|整备士|调理师|栄养士|薬剤师|医师|美容师|运転手|作业员|警备员|受付|现场监督|施工管理|生产管理|品质管理|商品企画)$",
)
_LATIN = (_TITLE_LATIN, _TITLE_EUROPEAN, _TITLE_OF_MORE)


@kept_if_short
def title_score(text: str) -> float:
    """How much a text looks like a job title."""
    if _TITLE_ASIAN.search(text):
        return 2.5
    if is_han(text):
        return 2.5 if _TITLE_HAN.search(text) else 0.0
    return 2.5 if any(words.search(text) for words in _LATIN) else 0.0
