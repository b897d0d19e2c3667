"""The countries with which affiliations end."""

from ..words.text import sort_key

_NAMES = """
Afghanistan;Albania;Algeria;Andorra;Angola;Argentina;Armenia;Australia;Austria;Azerbaijan;Bahamas;Bahrain;Bangladesh;
Barbados;Belarus;Belgium;Belize;Benin;Bhutan;Bolivia;Bosnia and Herzegovina;Botswana;Brazil|Brasil;Brunei;Bulgaria;
Burkina Faso;Burundi;Cambodia;Cameroon;Canada;Cape Verde;Chad;Chile;China|People's Republic of China|P.R. China|
PR China|China (People's Republic)|Mainland China;Colombia;Congo|Democratic Republic of the Congo;Costa Rica;
Cote d'Ivoire|Ivory Coast;Croatia;Cuba;Cyprus;Czech Republic|Czechia;Denmark;Djibouti;Dominica;Dominican Republic;
Ecuador;Egypt;El Salvador;Estonia;Eswatini;Ethiopia;Fiji;Finland;France;Gabon;Gambia;Georgia (Republic);Germany|
Deutschland;Ghana;Greece;Greenland;Guadeloupe;Guatemala;Guinea;Guyana;Haiti;Honduras;Hong Kong|Hong Kong SAR;Hungary;
Iceland;India;Indonesia;Iran|Islamic Republic of Iran|Iran (Islamic Republic of);Iraq;Ireland|Republic of Ireland;
Israel;Italy|Italia;Jamaica;Japan;Jordan;Kazakhstan;Kenya;Kosovo;Kuwait;Kyrgyzstan;Laos;Latvia;Lebanon;Libya;
Liechtenstein;Lithuania;Luxembourg;Macao|Macau;Madagascar;Malawi;Malaysia;Maldives;Mali;Malta;Martinique;Mauritania;
Mauritius;Mexico|México;Moldova;Monaco;Mongolia;Montenegro;Morocco;Mozambique;Myanmar|Burma;Namibia;Nepal;Netherlands|
The Netherlands|Holland;New Zealand;Nicaragua;Niger;Nigeria;North Macedonia|Macedonia;Norway;Oman;Pakistan;Palestine;
Panama;Papua New Guinea;Paraguay;Peru|Perú;Philippines|The Philippines;Poland;Portugal;Puerto Rico|PR;Qatar;Reunion;
Romania;Russia|Russian Federation;Rwanda;Saudi Arabia|Kingdom of Saudi Arabia|KSA;Senegal;Serbia;Sierra Leone;Singapore;
Slovakia|Slovak Republic;Slovenia;Somalia;South Africa;South Korea|Republic of Korea|Korea|Korea (Republic of)|
Korea, Republic of|Republic of Korea (South);Spain|España;Sri Lanka;Sudan;Suriname;Sweden;Switzerland;Syria|
Syrian Arab Republic;Taiwan|Taiwan (Republic of China)|Taiwan, Republic of China|Taiwan R.O.C.;Tajikistan;Tanzania;
Thailand;Togo;Trinidad and Tobago;Tunisia;Turkey|Türkiye|Turkiye;Turkmenistan;Uganda;Ukraine;United Arab Emirates|UAE;
United Kingdom|UK|U.K.|Great Britain|England|Scotland|Wales|Northern Ireland;United States|USA|U.S.A.|US|U.S.|
United States of America;Uruguay;Uzbekistan;Venezuela;Vietnam|Viet Nam;Yemen;Zambia;Zimbabwe
"""
_STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI
SC SD TN TX UT VT VA WA WV WI WY
"""
_STATE_NAMES = """
Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;District of Columbia;Florida;Hawaii;Idaho;
Illinois;Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;
Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;New York;North Carolina;North Dakota;Ohio;Oklahoma;Oregon;
Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;Washington;West Virginia;
Wisconsin;Wyoming
"""
_PROVINCES = frozenset(("AB", "BC", "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK"))


def _table() -> dict[str, str]:
    return {
        sort_key(name): line.partition("|")[0].removesuffix(" (Republic)")
        for line in _NAMES.replace("\n", "").split(";")
        for name in line.split("|")
    }


_COUNTRIES = _table()
_STATE_CODES = frozenset(_STATES.split())
_US_STATES = frozenset(sort_key(name) for name in _STATE_NAMES.split(";"))


def country_of(part: str) -> str:
    """The country that a part of an affiliation names, itself or by a US state or Canadian province; "" for none."""
    typed = part.strip(" .;")
    if typed in _STATE_CODES or sort_key(typed) in _US_STATES:
        return "United States"
    if typed in _PROVINCES:
        return "Canada"
    return _COUNTRIES.get(sort_key(typed), "")
