"""Units of measurement by their names, in the languages that answers come in.

A unit is a dimension and a factor to that dimension's base, so that 90 minutes are 1.5 hours. A unit that is missing
here is a plain noun and lets 5 GB vote with 5 MB: rare ones are worth their line.
"""

from fractions import Fraction
from typing import NamedTuple


class Unit(NamedTuple):
    """What is measured, how much of the base unit this is, and the symbol to show."""

    dimension: str
    factor: Fraction
    symbol: str


_TABLE: dict[str, list[tuple[str, str]]] = {
    "length": [
        ("0.001", "mm millimeter millimetre"),
        ("0.01", "cm centimeter centimetre zentimeter"),
        ("1", "m meter metre mètre metro"),
        ("1000", "km kilometer kilometre kilomètre kilómetro"),
        ("0.0254", "in inch inches"),
        ("0.3048", "ft foot feet"),
        ("0.9144", "yd yard"),
        ("1609.344", "mi mile"),
        ("1852", "nmi NM nautical_mile"),
        ("0.1", "dm decimeter decimetre"),
        ("149597870700", "au astronomical_unit"),
        ("9460730472580800", "ly light_year light-year"),
        ("1e-6", "µm μm um micrometer micrometre micron"),
        ("1e-9", "nm nanometer nanometre"),
        ("1e-10", "Å angstrom ångström"),
        ("201.168", "furlong"),
        ("1.8288", "fathom"),
        ("3.0856775814913673e16", "pc parsec"),
    ],
    "mass": [
        ("0.001", "mg milligram"),
        ("1", "g gram gramme gramm"),
        ("1000", "kg kilogram kilo kilogramm"),
        ("1000000", "t tonne Mg megagram"),
        ("453.59237", "lb lbs"),
        ("28.349523125", "oz ounce"),
        ("1e-6", "µg μg ug mcg microgram"),
        ("1e-9", "ng nanogram"),
        ("0.2", "carat"),
        ("1e9", "kt kiloton kilotonne"),
        ("1e12", "Mt megaton megatonne"),
        ("1e15", "Gt gigaton gigatonne"),
    ],
    "time": [
        ("0.001", "ms millisecond"),
        ("1e-6", "µs μs us microsecond"),
        ("1e-9", "ns nanosecond"),
        ("1", "s sec second sekunde"),
        ("60", "min minute"),
        ("3600", "h hr hrs hour stunde heure hora"),
        ("86400", "day tag jour día"),
        ("604800", "week wk"),
        ("1209600", "fortnight"),
    ],
    "months": [
        ("1", "month monat mois mes"),
        ("12", "year yr jahr año"),
        ("120", "decade"),
        ("1200", "century centuries"),
    ],
    "volume": [
        ("0.001", "ml mL milliliter millilitre"),
        ("1", "l L liter litre"),
        ("1000", "m^3"),
        ("1e-6", "mm^3"),
        ("1e12", "km^3"),
        ("0.001", "cm^3 cc"),
        ("1", "dm^3"),
        ("3.785411784", "gal gallon"),
        ("0.946352946", "qt quart"),
        ("0.473176473", "pint"),
        ("0.2365882365", "cup"),
        ("0.0295735295625", "fl_oz fluid_ounce"),
        ("0.01478676478125", "tbsp tablespoon"),
        ("0.00492892159375", "tsp teaspoon"),
        ("0.01", "cl cL centiliter centilitre"),
        ("0.1", "dl dL deciliter decilitre"),
        ("100", "hl hL hectoliter hectolitre"),
        ("28.316846592", "ft^3 cft"),
        ("764.554857984", "yd^3"),
        ("0.016387064", "in^3"),
        ("158.987294928", "bbl"),
    ],
    "area": [
        ("0.0001", "cm^2"),
        ("0.01", "dm^2"),
        ("1", "m^2 sqm"),
        ("1000000", "km^2"),
        ("0.09290304", "ft^2 sqft"),
        ("0.00064516", "in^2"),
        ("10000", "ha hectare"),
        ("4046.8564224", "acre"),
        ("0.000001", "mm^2 square_millimeter square_millimetre"),
        ("0.83612736", "yd^2"),
        ("2589988.110336", "mi^2"),
    ],
    "length/time": [("5/18", "km/h kph kmh"), ("0.44704", "mph"), ("1852/3600", "knot kn")],
    "length/volume": [("1609.344/3.785411784", "mpg")],
    "acceleration": [("1", "m/s^2 m/s/s"), ("1000", "km/s^2"), ("0.01", "cm/s^2")],
    "turns": [("1", "rpm")],
    "frequency": [("1", "Hz hertz"), ("1e3", "kHz kilohertz"), ("1e6", "MHz megahertz"), ("1e9", "GHz gigahertz")],
    "data": [
        ("1", "bit"),
        ("8", "B byte"),
        ("8e3", "kB KB kb kilobyte"),
        ("8e6", "MB mb megabyte"),
        ("8e9", "GB gb gigabyte"),
        ("8e12", "TB tb terabyte"),
        ("8e15", "PB petabyte"),
        ("8192", "KiB"),
        ("8388608", "MiB"),
        ("8589934592", "GiB"),
        ("1e3", "kbit kilobit"),
        ("1e6", "Mbit Mb megabit"),
        ("1e9", "Gbit Gb gigabit"),
    ],
    "data/time": [("1", "bps"), ("1e3", "kbps"), ("1e6", "Mbps"), ("1e9", "Gbps"), ("8e6", "MBps")],
    "power": [
        ("1", "W watt"),
        ("1e-3", "mW milliwatt"),
        ("1e3", "kW kilowatt"),
        ("1e6", "MW megawatt"),
        ("1e9", "GW gigawatt"),
        ("745.69987158", "hp horsepower"),
    ],
    "energy": [
        ("1", "J joule"),
        ("1e-3", "mJ millijoule"),
        ("1e3", "kJ kilojoule"),
        ("1e6", "MJ megajoule"),
        ("1e9", "GJ gigajoule"),
        ("4.184", "cal calorie"),
        ("4184", "kcal kilocalorie"),
        ("3600", "Wh watt-hour"),
        ("3.6e6", "kWh kilowatt-hour kilowatt_hour"),
        ("3.6e9", "MWh megawatt-hour"),
        ("1055.05585262", "btu"),
        ("1.602176634e-19", "eV electronvolt"),
        ("1.602176634e-16", "keV"),
        ("1.602176634e-13", "MeV"),
        ("1.602176634e-10", "GeV"),
    ],
    "torque": [("1", "N*m Nm N-m newton-meter newton-metre newton_meter newton_metre"), ("1e3", "kN*m kNm")],
    "force": [("1", "N newton"), ("1e-3", "mN"), ("1e3", "kN kilonewton"), ("1e6", "MN")],
    "voltage": [("1", "V volt"), ("1e-3", "mV millivolt"), ("1e3", "kV kilovolt"), ("1e6", "MV megavolt")],
    "current": [("1", "A amp ampere"), ("1e-3", "mA milliamp"), ("1e-6", "µA μA"), ("1e3", "kA"), ("1e6", "MA")],
    "resistance": [
        ("1", "Ω ohm"),
        ("1e-3", "mΩ milliohm"),
        ("1e3", "kΩ kohm kilohm kiloohm"),
        ("1e6", "MΩ megohm megaohm"),
    ],
    "pressure": [
        ("1", "Pa pascal"),
        ("100", "hPa mbar millibar"),
        ("1e5", "bar"),
        ("1e3", "kPa kilopascal"),
        ("1e6", "MPa megapascal"),
        ("1e9", "GPa"),
        ("101325", "atm"),
        ("6894.757293168", "psi"),
        ("133.322387415", "mmHg torr"),
    ],
    "amount": [("1", "mol mole"), ("1e-3", "mmol millimole"), ("1e3", "kmol")],
    "amount/volume": [("1", "M molar"), ("1e-3", "mM millimolar")],
    "charge": [("1", "coulomb"), ("3600", "Ah"), ("3.6", "mAh")],
    "capacitance": [("1", "farad"), ("1e-6", "µF μF uF"), ("1e-9", "nF"), ("1e-12", "pF")],
    "magnetism": [("1", "T tesla")],
    "flux": [("1", "Wb weber")],
    "inductance": [("1", "henry")],
    "conductance": [("1", "siemens")],
    "activity": [("1", "Bq becquerel"), ("3.7e10", "Ci curie")],
    "dose": [("1", "Sv sievert")],
    "absorbed": [("1", "Gy gray")],
    "light": [("1", "lm lumen")],
    "illuminance": [("1", "lx lux")],
    "intensity": [("1", "cd candela")],
    "level": [("1", "dB decibel")],
    "level of 1 mW": [("1", "dBm")],
    "celsius": [
        ("1", "°C degree_celsius degrees_celsius celsius degree_c degrees_c degree_centigrade degrees_centigrade C")
    ],
    "fahrenheit": [("1", "°F degree_fahrenheit degrees_fahrenheit fahrenheit degree_f degrees_f F")],
    "kelvin": [("1", "K kelvin")],
    "angle": [("1", "° degree deg"), ("57.29577951308232", "rad radian")],
    "money:USD": [("1", "$ usd us$ dollar buck"), ("0.01", "¢ cent")],
    "money:EUR": [("1", "€ eur euro")],
    "money:GBP": [("1", "£ gbp"), ("0.01", "p pence")],
    "money:JPY": [("1", "¥ jpy yen 円")],
    "money:INR": [("1", "₹ inr rupee Rs Rs. rs")],
    "money:CAD": [("1", "C$ ca$ cad canadian_dollar")],
    "money:AUD": [("1", "A$ au$ aud australian_dollar")],
    "money:NZD": [("1", "NZ$ nzd")],
    "money:HKD": [("1", "HK$ hkd")],
    "money:SGD": [("1", "S$ sgd")],
    "money:CNY": [("1", "CN¥ cny rmb yuan renminbi 元 人民币")],
    "money:RUB": [("1", "₽ rub ruble rouble рублей рубля рубль руб")],
    "money:PHP": [("1", "₱ php")],
    "money:MXN": [("1", "mxn")],
    "money:ARS": [("1", "ars")],
    "money:COP": [("1", "cop")],
    "money:CLP": [("1", "clp")],
    "money:KRW": [("1", "₩ krw won 원")],
    "money:CHF": [("1", "CHF swiss_franc franc franken")],
    "money:BRL": [("1", "R$ brl reais")],
    "money:TRY": [("1", "₺ lira")],
    "money:PLN": [("1", "zł pln zloty")],
    "money:UAH": [("1", "₴ uah hryvnia")],
    "money:SEK": [("1", "SEK")],
    "money:NOK": [("1", "NOK")],
    "money:DKK": [("1", "DKK")],
    "money:CZK": [("1", "CZK Kč koruna")],
    "money:ILS": [("1", "₪ shekel")],
    "money:ZAR": [("1", "ZAR rand")],
    "money:BTC": [("1", "₿ btc bitcoin")],
    "parts": [("1e-6", "ppm"), ("1e-9", "ppb")],
    "percent": [("0.01", "% percent prozent pct"), ("0.001", "‰ permille per_mille promille")],
}
_PREFIXES = {
    "p": ("pico", "1e-12"),
    "n": ("nano", "1e-9"),
    "μ": ("micro", "1e-6"),
    "u": ("micro", "1e-6"),
    "m": ("milli", "1e-3"),
    "k": ("kilo", "1e3"),
    "M": ("mega", "1e6"),
    "G": ("giga", "1e9"),
    "T": ("tera", "1e12"),
}
"""What comes before the units of `_PREFIXED`. The sign of the micro is the letter mu, as NFKC has it."""
_PREFIXED = {
    "hertz": "Hz",
    "watt": "W",
    "joule": "J",
    "electronvolt": "eV",
    "newton": "N",
    "volt": "V",
    "ampere": "A",
    "ohm": "Ω",
    "pascal": "Pa",
    "mole": "mol",
    "molar": "M",
    "coulomb": "C",
    "farad": "F",
    "tesla": "T",
    "weber": "Wb",
    "henry": "H",
    "siemens": "S",
    "becquerel": "Bq",
    "curie": "Ci",
    "sievert": "Sv",
    "gray": "Gy",
    "lumen": "lm",
    "lux": "lx",
    "liter": "L",
    "litre": "L",
    "parsec": "pc",
    "bar": "bar",
    "kelvin": "K",
}
"""Units with each prefix, by name and sign; where the table has such a pair itself, it stays."""
_FOREIGN = {
    "s": "秒 초 segundo seconde secondo sekunden секунд секунды секунда ثانية सेकंड",
    "min": "分钟 分鐘 分 분 minuten minuto minuti минут минуты минута دقيقة मिनट phút",
    "h": "小时 小時 時間 시간 stunden heures horas ora ore uur timmar часов часа час ساعة ساعات घंटे giờ godzin"
    " godziny saat",
    "day": "天 日間 일 tage tagen jours días dias dia giorni giorno dagen dagar дней дня день يوم أيام दिन ngày dni gün"
    " hari",
    "week": "周 週間 주 woche wochen semaine semana settimana settimane weken недель недели неделя",
    "month": "个月 個月 ヶ月 か月 개월 monate monaten meses mesi maanden месяцев месяца месяц",
    "century": "siècle siglo século",
    "year": "jahre jahren ans années año años ano anos anni anno jaar år лет года год سنة सालों साल năm tahun yıl",
    "km": "公里 千米 キロ キロメートル 킬로미터 км chilometri chilometro quilômetro كيلومتر किलोमीटर",
    "m": "米 メートル 미터 м meter metern metri متر मीटर",
    "cm": "厘米 センチ センチメートル 센티미터 см centímetro centimetri",
    "mm": "毫米 ミリ мм milímetro millimetri",
    "kg": "公斤 千克 キログラム 킬로그램 кг quilo chilo chilogrammi kilogrammes كيلوغرام किलो",
    "g": "克 グラム 그램 гр grammo grammi grammes gramo",
    "t": "吨 トン 톤 tonnen tonnes toneladas tonnellate тонн",
    "l": "升 リットル 리터 л litro litri liter литров литра لتر लीटर",
    "ml": "毫升 ミリリットル 밀리리터 мл",
    "m^2": "平方米 平方メートル м^2 quadratmeter mètres_carrés metros_cuadrados",
    "km^2": "平方公里 平方キロメートル км² quadratkilometer",
    "km/h": "км/ч 公里/小时",
    "%": "процентов процента процент パーセント 퍼센트 بالمئة प्रतिशत phần_trăm yüzde persen procent",
    "$": "美元 ドル 달러 доллар доллара долларов dólar dólares dollari دولار डॉलर đô_la",
    "€": "欧元 ユーロ 유로 евро يورو",
    "£": "英镑 ポンド фунтов",
    "°C": "摄氏度 градусов_цельсия grad_celsius",
}
"""The names that other languages have for a symbol of the table."""


def is_code(name: str, unit: Unit) -> bool:
    """Whether this name of a currency stands before an amount: CHF, C$."""
    return unit.dimension.startswith("money:") and (len(name) == 3 or name.endswith("$")) and len(name) > 1


def _index() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """Units by symbol as written, and by lower-case name; a symbol that case makes another unit is no name."""
    symbols: dict[str, Unit] = {}
    names: dict[str, Unit] = {}
    for dimension, rows in _TABLE.items():
        for factor, words in rows:
            symbol, *_ = words.split()
            top, _, bottom = factor.partition("/")
            unit = Unit(dimension, Fraction(top) / Fraction(bottom or 1), symbol)
            for word in f"{words} {_FOREIGN.get(symbol, '')}".split():
                plain = word.replace("_", " ")
                symbols.setdefault(plain, unit)
                if len(plain) >= 3 and plain <= "\u024f":
                    names.setdefault(f"{plain.lower()}s", unit)
    folded: dict[str, set[Unit]] = {}
    for plain, unit in symbols.items():
        if len(plain) > 1:
            folded.setdefault(plain.lower(), set()).add(unit)
    names.update({name: min(units) for name, units in folded.items() if len(units) == 1})
    for name, sign in _PREFIXED.items():
        for prefix, (prefixed, factor) in _PREFIXES.items():
            unit = Unit(symbols[name].dimension, symbols[name].factor * Fraction(factor), prefix + sign)
            symbols.setdefault(unit.symbol, unit)
            names.setdefault(prefixed + name, symbols[unit.symbol])
            names.setdefault(f"{prefixed}{name}s", symbols[unit.symbol])
    return symbols, names


SYMBOLS, NAMES = _index()


def known(name: str) -> Unit | None:
    """The unit of exactly this name; None where it is none."""
    if found := SYMBOLS.get(name):
        return found
    if len(name) == 2 and name[0].isupper() and name[1].islower():  # Mm is no mm
        return None
    found = NAMES.get(name.lower())
    if found and name[:1] == "m" and found.symbol[:1] == "M" and not name.islower():  # and mPa no MPa
        return None
    return found
