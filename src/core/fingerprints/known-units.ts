/** serving = (training - before) x factor + after: a training value in unit `from` sent in unit `to`. */
export interface Conversion {
  readonly from: string;
  readonly to: string;
  readonly factor: number;
  readonly before: number;
  readonly after: number;
  /** The factor as a person writes it. */
  readonly said: string;
}

/** Conversions that unit mistakes come from, both ways. Factors are exact by definition unless they end in dots. */
export const KNOWN_UNITS: readonly Conversion[] = [
  affine('degF', 'degC', 5 / 9, 32, 0, '(training - 32) x 5/9'),
  affine('degC', 'degF', 9 / 5, 0, 32, 'training x 9/5 + 32'),
  affine('degC', 'K', 1, 0, 273.15, 'training + 273.15'),
  affine('K', 'degC', 1, 273.15, 0, 'training - 273.15'),
  affine('degF', 'K', 5 / 9, 32, 273.15, '(training - 32) x 5/9 + 273.15'),
  affine('K', 'degF', 9 / 5, 273.15, 32, '(training - 273.15) x 9/5 + 32'),
  ...both('', '', 10),
  ...both('', '', 100),
  ...both('', '', 1_000),
  ...both('', '', 10_000),
  ...both('', '', 100_000),
  ...both('', '', 1e6),
  ...both('', '', 1e9),
  ...both('', '', 12),
  ...both('', '', 1_024),
  ...both('', '', 1_048_576),
  ...both('hour', 'min', 60),
  ...both('hour', 's', 3_600),
  ...both('day', 'hour', 24),
  ...both('day', 's', 86_400),
  ...both('week', 'day', 7),
  ...both('mi', 'km', 1.609344),
  ...both('mi/h', 'm/s', 0.44704),
  ...both('kn', 'km/h', 1.852),
  ...both('mi/h', 'kn', 0.868_976_241_9),
  ...both('m/s', 'km/h', 3.6),
  ...both('nmi', 'km', 1.852),
  ...both('ft', 'm', 0.3048),
  ...both('yd', 'm', 0.9144),
  ...both('mi', 'ft', 5_280),
  ...both('in', 'cm', 2.54),
  ...both('in', 'mm', 25.4),
  ...both('lb', 'kg', 0.453_592_37),
  ...both('oz', 'g', 28.349_523_125),
  ...both('gal', 'l', 3.785_411_784),
  ...both('mbar', 'inHg', 0.029_529_983),
  ...both('mbar', 'mmHg', 0.750_061_683),
  ...both('kcal', 'kJ', 4.184),
  ...both('deg', 'rad', Math.PI / 180, 'pi/180'),
  { from: '', to: '', factor: -1, before: 0, after: 0, said: '-training (sign turned)' },
];

function affine(
  from: string,
  to: string,
  factor: number,
  before: number,
  after: number,
  said: string,
): Conversion {
  return { from, to, factor, before, after, said };
}

function both(from: string, to: string, factor: number, written = `${factor}`): Conversion[] {
  return [
    { from, to, factor, before: 0, after: 0, said: `training x ${written}` },
    { from: to, to: from, factor: 1 / factor, before: 0, after: 0, said: `training / ${written}` },
  ];
}
