/**
 * Word lists for generated people, by language: common given names, family names and cities. `Name|ascii` gives the form for an
 * address where stripping accents is not enough. Data only; any likeness of a combination to a person is chance.
 */

export type Locale = {
  readonly language: string;
  readonly country: string;
  /** Relative to the others. */
  readonly weight: number;
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly cities: readonly string[];
};

const words = (text: string): string[] => text.split(", ");

const locale = (
  language: string,
  country: string,
  weight: number,
  first: string,
  last: string,
  cities: string,
): Locale => ({ language, country, weight, first: words(first), last: words(last), cities: words(cities) });

export const LOCALES: readonly Locale[] = [
  locale(
    "en",
    "GB",
    14,
    "Olivia, Amelia, Isla, Freya, Harriet, Siobhan, Oliver, George, Harry, Alfie, Rhys, Callum, Nigel, Zoë",
    "Smith, Jones, Taylor, Brown, Evans, Wright, O'Brien|obrien, McAllister, Hughes, Khan, Lloyd-Webb|lloydwebb, Fletcher",
    "London, Manchester, Leeds, Cardiff, Glasgow, Bristol, Newcastle upon Tyne, Norwich, Belfast",
  ),
  locale(
    "en",
    "US",
    10,
    "Emma, Ava, Sophia, Madison, Chloe, Renée, Liam, Noah, Ethan, Mason, Tyler, José, DeShawn, Brooklyn",
    "Johnson, Williams, Miller, Davis, Garcia, Anderson, Nguyen, Walker, Young, Peña, O'Neal|oneal, St. Clair|stclair",
    "Austin, Portland, Chicago, Denver, Atlanta, Boise, San José, Albuquerque, Buffalo",
  ),
  locale(
    "fr",
    "FR",
    16,
    "Léa, Chloé, Manon, Zoé, Anaïs, Hélène, Françoise, Jules, Hugo, Théo, Loïc, Benoît, Jean-Marc|jeanmarc, Gaël",
    "Martin, Bernard, Dubois, Lefèvre, Moreau, Girard, Fournier, Mercier, Lacroix, Guérin, D'Amico|damico, Le Gall|legall",
    "Paris, Lyon, Marseille, Nîmes, Orléans, Besançon, Saint-Étienne, Rennes, Béziers, Lille",
  ),
  locale(
    "de",
    "DE",
    14,
    "Anna, Lena, Jürgen|juergen, Käthe|kaethe, Björn|bjoern, Sören|soeren, Mia, Paul, Felix, Greta, Uwe, Ulrike, Jörg|joerg",
    "Müller|mueller, Schmidt, Schneider, Weiß|weiss, Krüger|krueger, Schäfer|schaefer, Köhler|koehler, Groß|gross, von Berg|vonberg",
    "Berlin, Köln, München, Düsseldorf, Lübeck, Leipzig, Nürnberg, Freiburg, Gießen",
  ),
  locale(
    "es",
    "ES",
    10,
    "Lucía, María, Sofía, Begoña, Inés, Hugo, Martín, Iñigo, Álvaro, Joaquín, Nuria, Raúl",
    "García, Rodríguez, Fernández, López, Muñoz, Núñez, Ibáñez, Gómez Pérez|gomezperez, Sánchez, Ortega",
    "Madrid, Málaga, Córdoba, A Coruña, Cádiz, León, Almería, Zaragoza",
  ),
  locale(
    "it",
    "IT",
    7,
    "Giulia, Chiara, Niccolò, Noè, Matteo, Lorenzo, Beatrice, Andrea, Cosimo",
    "Rossi, Russo, Ferrari, Esposito, D'Angelo|dangelo, De Luca|deluca, Nicolò, Conti",
    "Roma, Milano, Napoli, Forlì, Cefalù, Torino, Verona, L'Aquila",
  ),
  locale(
    "pt",
    "BR",
    5,
    "João, Antônio, Conceição, Inês, Letícia, Gonçalo, Thaís, Luís",
    "Silva, Gonçalves, Araújo, Conceição, Guimarães, Assunção, Sá",
    "São Paulo, Brasília, Goiânia, Maceió, Florianópolis, Belém",
  ),
  locale(
    "pl",
    "PL",
    4,
    "Łukasz|lukasz, Małgorzata|malgorzata, Zofia, Żaneta, Stanisław|stanislaw, Agnieszka, Jędrzej",
    "Wójcik, Kowalczyk, Dąbrowski, Zieliński, Wiśniewska, Kołodziej|kolodziej, Nowak",
    "Łódź, Kraków, Wrocław, Gdańsk, Poznań, Rzeszów",
  ),
  locale(
    "sv",
    "SE",
    3,
    "Åsa, Göran, Märta, Björn, Linnéa, Håkan, Maja, Örjan",
    "Öberg, Åkesson, Lindström, Sjögren, Björklund, Ek",
    "Malmö, Göteborg, Örebro, Västerås, Luleå",
  ),
  locale(
    "cs",
    "CZ",
    2,
    "Jiří, Zdeněk, Šárka, Žofie, Ondřej",
    "Dvořák, Černý, Němcová, Růžička, Kučera",
    "Brno, Plzeň, Hradec Králové",
  ),
  locale(
    "tr",
    "TR",
    2,
    "Ayşe, Çağla|cagla, Oğuz, Şükrü, İpek|ipek, Gülşah",
    "Yılmaz|yilmaz, Öztürk, Şahin, Çelik, Doğan",
    "İstanbul, İzmir, Eskişehir, Muğla",
  ),
  locale(
    "ru",
    "RU",
    3,
    "Анна|anna, Дмитрий|dmitry, Ольга|olga, Сергей|sergey, Наталья|natalya, Фёдор|fedor",
    "Иванов|ivanov, Смирнова|smirnova, Кузнецов|kuznetsov, Попова|popova, Щербаков|shcherbakov",
    "Москва, Казань, Екатеринбург, Нижний Новгород",
  ),
  locale(
    "uk",
    "UA",
    2,
    "Оксана|oksana, Андрій|andriy, Їва|yiva, Тарас|taras, Соломія|solomia",
    "Шевченко|shevchenko, Коваленко|kovalenko, Ґонта|gonta, Бондар|bondar",
    "Київ, Львів, Харків, Одеса",
  ),
  locale(
    "el",
    "GR",
    1,
    "Γιώργος|giorgos, Ελένη|eleni, Κωνσταντίνος|konstantinos, Άννα|anna",
    "Παπαδόπουλος|papadopoulos, Νικολάου|nikolaou, Γεωργίου|georgiou",
    "Αθήνα, Θεσσαλονίκη, Πάτρα",
  ),
  locale(
    "ar",
    "EG",
    2,
    "فاطمة|fatma, محمد|mohamed, أحمد|ahmed, ليلى|layla, يوسف|youssef",
    "حسن|hassan, عبد الله|abdallah, النجار|elnaggar, منصور|mansour",
    "القاهرة, الإسكندرية, أسوان",
  ),
  locale(
    "he",
    "IL",
    1,
    "נועה|noa, דוד|david, יעל|yael, אורי|uri",
    "כהן|cohen, לוי|levi, מזרחי|mizrahi",
    "תל אביב, חיפה, ירושלים",
  ),
  locale(
    "zh",
    "CN",
    3,
    "伟|wei, 芳|fang, 娜|na, 秀英|xiuying, 敏|min, 静|jing, 磊|lei",
    "王|wang, 李|li, 张|zhang, 刘|liu, 陈|chen, 欧阳|ouyang",
    "北京, 上海, 广州, 成都, 哈尔滨",
  ),
  locale(
    "ja",
    "JP",
    2,
    "さくら|sakura, 翔太|shota, 美咲|misaki, 健|ken, 陽菜|hina",
    "佐藤|sato, 鈴木|suzuki, 髙橋|takahashi, 渡邊|watanabe",
    "東京都, 大阪市, 札幌市, 福岡市",
  ),
  locale(
    "ko",
    "KR",
    1,
    "민준|minjun, 서연|seoyeon, 지우|jiwoo",
    "김|kim, 이|lee, 박|park, 최|choi",
    "서울, 부산, 대구",
  ),
  locale(
    "hi",
    "IN",
    2,
    "प्रिया|priya, राहुल|rahul, अंजलि|anjali, विजय|vijay",
    "शर्मा|sharma, पटेल|patel, गुप्ता|gupta",
    "मुंबई, दिल्ली, जयपुर",
  ),
  locale(
    "vi",
    "VN",
    1,
    "Thảo, Đức|duc, Ngọc Ánh|ngocanh, Hương",
    "Nguyễn, Trần, Đặng|dang, Phạm",
    "Hà Nội, Đà Nẵng, Huế",
  ),
];
