/** Status with which QEMU exits when the guest found everything right: twice 0x2a, and one. */
export const PASSED = 85;

/** What the guest has done when it wrote each letter. */
export const STEPS: Readonly<Record<string, string>> = {
  R: 'real mode',
  P: 'protected mode',
  L: 'long mode',
  T: 'timer interrupts',
  M: 'the memory test',
};

/** probe-boot-sector.S, assembled: everything up to the last byte that is not zero. */
const CODE = Buffer.from(
  [
    'fafcea077c000031c08ed88ec08ed0bc007cbf0010b90030f3abc70600100320c70600200330c70600300340bf004066',
    'b80300000066890583c708660500100000663d0300200072ec66c70608308300200066c70610308300400066c7061830',
    '83006000c7060052847d66c70602520800008eb052e6e90f0116b37d0f20c00c010f22c0ea897c180066b810008ed88e',
    'c08ed0b050e6e90f20e00c200f22e0b8001000000f22d8b9800000c00f3280cc010f300f20c00d000000800f22c0eac5',
    '7c00000800b04ce6e90f011c25b97d0000b011e620b020e621b004e621b001e621b0fee621b0ffe6a1b034e643b0a9e6',
    '40b004e640fbf4833c25006000001072f5b054e6e9bf0000400031c0b900000100f348abb801000000ba6d4ec641bd40',
    '00000089eec1e60c81c603004000893425004800000f013c2500001000012c2500001000b9000001000fafc203042500',
    '00100001c889c3c1eb103304dd000040008904cdf8ff3f00ffc975ddffcd75b33d97961620b04de6e9b0107502b02ae6',
    'f4f4ebfd50ff042500600000b020e6205848cf0000000000000000ffff0000009aaf00ffff00000092cf00ffff000000',
    '9acf001f00937d00000f020050',
  ].join(''),
  'hex',
);

/** One sector with its signature at the end. */
export const BOOT_SECTOR: Uint8Array = Buffer.concat([Buffer.concat([CODE], 510), Buffer.from([0x55, 0xaa])]);
