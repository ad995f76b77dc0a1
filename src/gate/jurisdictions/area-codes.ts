import { US_STATES } from './us-states.ts'

/** Where the numbers of an area code are at home: a US state, or another country of the numbering plan. */
export interface AreaCode {
  readonly country: string
  readonly state?: string
  /** Every zone that the area touches. Empty for another country whose zones are those of the country. */
  readonly zones: readonly string[]
}

/** Source: NANPA's list of area codes in service or planned. Reviewed 2026-11-23. What is not here is treated as unknown. */
const US_CODES: Readonly<Record<string, string>> = {
  AL: '205 251 256 334 659 938',
  AK: '907',
  AZ: '480 520 602 623 928',
  AR: '327 479 501 870',
  CA: '209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951',
  CO: '303 719 720 748 970 983',
  CT: '203 475 860 959',
  DC: '202 771',
  DE: '302',
  FL: '239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954',
  GA: '229 404 470 478 678 706 762 770 912 943',
  HI: '808',
  ID: '208 986',
  IL: '217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872',
  IN: '219 260 317 463 574 765 812 930',
  IA: '319 515 563 641 712',
  KS: '316 620 785 913',
  KY: '270 364 502 606 859',
  LA: '225 318 337 457 504 985',
  ME: '207',
  MD: '227 240 301 410 443 667',
  MA: '339 351 413 508 617 774 781 857 978',
  MI: '231 248 269 313 517 586 616 679 734 810 906 947 989',
  MN: '218 320 507 612 651 763 924 952',
  MS: '228 471 601 662 769',
  MO: '235 314 417 557 573 636 660 816 975',
  MT: '406',
  NE: '308 402 531',
  NV: '702 725 775',
  NH: '603',
  NJ: '201 551 609 640 732 848 856 862 908 973',
  NM: '505 575',
  NY: '212 315 329 332 347 363 465 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934',
  NC: '252 336 472 704 743 828 910 919 980 984',
  ND: '701',
  OH: '216 220 234 283 326 330 380 419 436 440 513 567 614 740 937',
  OK: '405 539 572 580 918',
  OR: '458 503 541 971',
  PA: '215 223 267 272 412 445 484 570 582 610 717 724 814 835 878',
  RI: '401',
  SC: '803 821 839 843 854 864',
  SD: '605',
  TN: '423 615 629 729 731 865 901 931',
  TX: '210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979',
  UT: '385 435 801',
  VT: '802',
  VA: '276 434 540 571 686 703 757 804 826 948',
  WA: '206 253 360 425 509 564',
  WV: '304 681',
  WI: '262 274 353 414 534 608 715 920',
  WY: '307',
  PR: '787 939',
  VI: '340',
  GU: '671',
  MP: '670',
  AS: '684',
}

/**
 * The codes of states with several zones that lie in one of them only. A code that is not here has all zones of its state, so a
 * mistake by omission only narrows the hours. Codes across a zone border: Google libphonenumber, resources/timezones/map_data.txt.
 */
const ONE_ZONE: Readonly<Record<string, string>> = {
  '480 520 602 623': 'America/Phoenix',
  '239 305 321 324 352 386 407 561 645 656 689 727 728 754 772 786 813 863 904 941 954': 'America/New_York',
  '260 317 463 765': 'America/New_York',
  '316 913': 'America/Chicago',
  '502 859': 'America/New_York',
  '231 248 269 313 517 586 616 679 734 810 947 989': 'America/New_York',
  '402 531': 'America/Chicago',
  '702 725': 'America/Los_Angeles',
  '503 971': 'America/Los_Angeles',
  '615 629 731 901': 'America/Chicago',
  '865': 'America/New_York',
  '210 214 254 281 325 346 361 409 430 469 512 621 682 713 726 737 806 817 830 832 903 936 940 945 956 972 979':
    'America/Chicago',
}

const CANADA: readonly (readonly [codes: string, zones: readonly string[]])[] = [
  ['368 403 587 780 825', ['America/Edmonton']],
  ['604', ['America/Vancouver']],
  ['236 250 257 672 778', ['America/Vancouver', 'America/Edmonton', 'America/Dawson_Creek']],
  ['204 431 584', ['America/Winnipeg']],
  ['428 506 782 902', ['America/Halifax']],
  ['709 879', ['America/St_Johns', 'America/Halifax']],
  ['226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 905 942', ['America/Toronto']],
  ['807', ['America/Toronto', 'America/Winnipeg']],
  ['263 354 438 450 468 514 579 819 873', ['America/Toronto']],
  ['367 418 581', ['America/Toronto', 'America/Halifax']],
  ['306 474 639', ['America/Regina', 'America/Edmonton']],
  ['867', ['America/Whitehorse', 'America/Edmonton', 'America/Winnipeg', 'America/Toronto']],
]

/** Other countries under +1. Their zones are the country's. */
const COUNTRIES: Readonly<Record<string, string>> = {
  AG: '268',
  AI: '264',
  BB: '246',
  BM: '441',
  BS: '242',
  DM: '767',
  DO: '809 829 849',
  GD: '473',
  JM: '658 876',
  KN: '869',
  KY: '345',
  LC: '758',
  MS: '664',
  SX: '721',
  TC: '649',
  TT: '868',
  VC: '784',
  VG: '284',
}

const AREA_CODES: ReadonlyMap<string, AreaCode> = new Map<string, AreaCode>([
  ...Object.entries(US_CODES).flatMap(([state, codes]) =>
    codes.split(' ').map((code): [string, AreaCode] => [code, { country: 'US', state, zones: zonesOf(state, code) }]),
  ),
  ...CANADA.flatMap(([codes, zones]) =>
    codes.split(' ').map((code): [string, AreaCode] => [code, { country: 'CA', zones }]),
  ),
  ...Object.entries(COUNTRIES).flatMap(([country, codes]) =>
    codes.split(' ').map((code): [string, AreaCode] => [code, { country, zones: [] }]),
  ),
])

function zonesOf(state: string, code: string): readonly string[] {
  const one = Object.entries(ONE_ZONE).find(([codes]) => codes.split(' ').includes(code))?.[1]
  return one === undefined ? (US_STATES[state]?.zones ?? []) : [one]
}

/** The area code of an E.164 number under +1; undefined if it is not one, is toll-free, or is not in the table. */
export function areaCodeOf(number: string): (AreaCode & { readonly code: string }) | undefined {
  const code = /^\+1(\d{3})\d{7}$/.exec(number)?.[1]
  const area = code === undefined ? undefined : AREA_CODES.get(code)
  return code === undefined || area === undefined ? undefined : { ...area, code }
}
