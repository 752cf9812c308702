/**
 * Images of what is new in the format, as mkfs.erofs 1.9.4 makes them of one small tree: tests of readers need no such
 * tool for them. The tree has files of each kind, hard links, attributes of each prefix, a file of zeros, one that
 * repeats itself and one that does not.
 */

import { brotliDecompressSync } from 'node:zlib';

export interface RecentImage {
  readonly name: string;
  /** The options of mkfs.erofs, besides a fixed UUID. */
  readonly options: string;
  readonly size: number;
}

/** In the order in which they follow each other in the text below. */
const IMAGES: readonly RecentImage[] = [
  { name: 'full index', options: '-b512 -zlz4hc -C2048 -Elegacy-compress', size: 5632 },
  { name: 'lz4', options: '-b512 -zlz4hc -C2048', size: 5120 },
  { name: 'deflate', options: '-b512 -zdeflate,9 -C4096 -Eztailpacking', size: 4096 },
  { name: 'zstd', options: '-b512 -zzstd -C4096 -Efragments', size: 4096 },
  { name: 'lzma', options: '-b512 -zlzma -C4096 -Eall-fragments', size: 4096 },
  {
    name: 'dedupe',
    options: '-b512 -zlz4hc:deflate -C2048 -Ededupe,fragments,ztailpacking',
    size: 4096,
  },
  { name: 'wide', options: '-b512 -E48bit,dot-omitted --chunksize=1024', size: 10240 },
  { name: 'extents', options: '-b512 -zzstd -C4096 -E48bit,fragments', size: 4096 },
  { name: 'metabox', options: '-b1024 -zzstd -m4096 --MZ -C4096', size: 9216 },
  { name: 'directories', options: '-b512 -zdeflate --zD=0 -C1024', size: 5632 },
  {
    name: 'prefixes',
    options: '-b512 --xattr-prefix=user.long.prefix. --xattr-prefix=trusted. -x1',
    size: 14848,
  },
  { name: 'chunks', options: '-b512 --chunksize=512 -Eforce-chunk-indexes', size: 9728 },
];

/** The bytes of each image by its name. */
export function recentImages(): ReadonlyMap<string, Uint8Array> {
  const bytes = brotliDecompressSync(Buffer.from(PACKED.join(''), 'base64'));
  let at = 0;
  return new Map(
    IMAGES.map(({ name, size }) => {
      const image = Uint8Array.from(bytes.subarray(at, at + size));
      at += size;
      return [name, image];
    }),
  );
}

const PACKED: readonly string[] = [
  'X/87EUWwcQDw29cD48dBTqZrap5FNdcUi4dWlu2k5h9X8DxfV/65r16poYlQox5APYEGgdQTeFmJlwBXH+L87z2AVZLfAzDPqZyYuIuZ6Z4e/aua+K/i',
  'oibGLiIn8qVf4eP6jLvIH1NXMfnzl7trA8Wb35hfIIGlnTUWeb7NEu3v1yrtvD/7t497ee4ugBNgIV/N9usJEBh1f3p7cQ4IVYDcUO929VDokFw0MFgg',
  'mzgSMvKEizIDHACUkYDGxdoTMnE54SOESHnS8XtR3X2pjH0dYwoQxbyY3TmcF7U9ht0rOEFsMV7ODd+dr7/6b+XH0rs/24BLPmEg57vr3I10C7Lril0T',
  'zMYYhrGjCJmMZiZaLI5I2i5wIEx2kt86NfMAZBwC3fIZNwk1GCbzIujildDNK5zTMKibPguLcrRststiX+jcvnnlRi5Yo/mtU5H2wpVnlO0eZ5ZokxXb',
  '+X7APMsjzOb1zrkILc6FCEfNSyeBlfyEba3wKw4j4sAiGkvs1cV+cXa2wxvezBaWNwRyPwgyxX3YiKQy19IZh3DeYXOxVrhStQBpwQNk301216ua3VFd',
  'zffbq2JkzI1BkbDt7bbP3FIBliezHh1ciypFAYL1ik7W/Gi82mKUNzaIexPDYhClq6UFXeFyx+7NWwSIV4+uVI7Mv0/wCnp9RX8QxIVd/uAEhhhs3n2S',
  'c7bgyK1R4uhB1QpD9BP4ZaxGgH6BB2bsKlPRfNSOK7eyvXw0rDL/WQunHGQy5ofAwWjYDf7wh68Ugb5/kWgtNUyuDkhDR4oNmKEPWrmJaA9/ulNIMyXr',
  'UqL2YuZRRd7dIONpzK/fdp++ia0oWg5+uQQesFYN2tqEknuEj7V376QR92p7z3GeffSYvHj7uwPw/Gf6MAeEBJoBKkK5QZGDSlNybi/kszZH22QUbzbc',
  'HqnQVve1TbsmKib4LlKHUA0bMVmszT3FBwOHGua4SzX92CuhgphS86kEbVLmwB1b5h6PDhnvxSfX8v0ld5RNo7lUZh7Nuq/n/VOlf7RfRPKCROE21v5p',
  'L9CfX7eqFEVe6so3gMb5fxhrtqr0CAYLp34sUdnOUmQrIaeQmFQBuSKnLVTx1tHmcks9xQkntbI+dSA6spJ6/EDNCBhct6UcH3DwNtHJp8o97r1wjvi6',
  'xOvQ/iqWZpe6itiXspKxT6ljRvnToAI0ZIXvrg8eyjYL2jmaGNRXKhRrehsw1Ho7li2ascclgNcW4lc2yYZe2yZe0E5R8bzR09RLzBoetROPuCBxqFsJ',
  'QdbcnIZMvsp8yg79bO5VXVr21WpXVKPHwTR+LpDjZrCz1wokgZZNFdEXXo3GLg5bNa1oEvzUFnCwkmxUD/GjFWpgTJK3XZ6xR0Z1/JrN26tpdZ9erzxF',
  'Whh5ia7At+rlt40Aja/xXZUjr6+Ve7BeRNnu/3GVtnj390T9c2OvINdxhdTjpsPpjvxknSkTFWpDA/9iPWPSgpvSwKWXmKBhg9I+VX0VgXxGV82r+Gju',
  'w4QpM+YsWN5UWUgiul2yojskMZp2xPbswI7sxM7sAlc7T/4r5ugwY0AyeauzoggRM8PR780MD/psWmYvEkAavTYM2my2qi9tYo5jNEKmat80RikopLul',
  'bRDJCaEglWyuxDgLSwtWd3IcyYLiSg53vHbBy61Wc1C1ia62MKpt1AkdBDhy08YKFDf3GhyQfzR2CzF/ETzD5QG0M3NNcEUjm4OYWV4Om4qdSijwml7N',
  'xqIgNP/VQxLIV/tyOqdjmvZwIAinvQtW5OFFCZvZ3EZkh0OI4MOdbHj0vtQRICXtpego4RP4ND5b6Beo2Cxi9pSYKtTnfiO1bLwsozlWSqHVX3ndF2wD',
  '2usXG9Fahby+SLv9FWRaHDjnvgiO1hK1eiFpdyotzx2lPT2o2vJUb8c7In7IeSVihQg81NK/Pk3i99RyIEstvXCLqAKqm1bTKEMXls7+R4jpaFFFcSUu',
  'xg3UJt0r7qvPOK633H6tlBSb14s2nMab3btNZGLXOE1SRlVYJZV4Gl6G5+Fl7myxizIaMz2shGtKq4hIRfivifVJq11oSTCCLeowr3w+VJ8YBhJFFWLc',
  '5Ba3uNVq+V4jVgnwmnfvjr/Zvgwg9Tt859PhfYMRQ8sBU0uhwQExGyEjcYMHYsJ/LNlZuLp/HW1MasnQLhhd9uQBut+/XlONKzk01H8+CIkLcC7GRile',
  'UPNciy+b2Rwgqc+tVy+23r4MgP7CXNw1rEyXh9hCwveno1y5Y4L3JW+Bj0NMk1OK2huLqpbb18MEJxmbRxxllsMbnW47dof0kovaLozqH5+Uk1p1K2G6',
  'zqcjHHr9S+s4OWZAf9R2+/JR1a8i8TxOKLXavs/SVxK20hvekrU1gu+oMSyH1Q7BxgHJOtm9nCynUbLEbQoqHZQb3+jZ1Evf4oSOA454Jlcn70LEVFUT',
  'ZMH+H3bm5j9wJacoXLeYgXDhVDSju4ipbs9dlZfPWb4hHpSkIszU1nbbf23XIPM8+lu3bNqQo33NXR07Tm+ZDFs+crvdiHWrjK8t9XhnubByeIoz/XWv',
  '+noxm0bmCQKxfun2G7hqf82v4Bvgs0g/GrfYjPQ1zh5jceL+5hW+6/PkZo64tbzrRZWIz8Iry7d3hBXPzwg1yFz/k0POLm/6Mm5iGtl6zyW63BZfq8jg',
  '5r89NH8sfbGOcQeI9cLlbfzKn4noS7/EAAIQ36ILTH/Jen3jEBP1wDQhcQjzPZMg67FHE/XSHyU19O2vzdffywUV2Ympm/L3Irw++Kq3qsechw50UtBr',
  'hPjtI7rLlmxRucKHRGyoB6IAW6RLACbB1lTHqmhw4SLa+01Z8wWgEcyErH7Ut1Q5TbFbOPtnC4JdPkGDEXga/fb7E90PMwY4rlLkLWl4cqCypB2NMSv4',
  'M9E6n3nPaKXSNxzOq5hgH5Q5DeL7+JXrhp2rGjm9KY939i2jvys0hDKVwQWZqgxDeXFFcEWmRUYBPn182jjzc8HHpmsYSvW8GMgl/Ez77HG0fj+/btA7',
  'uofns/9ZF/u8ZPliHQVgT2XXcj/NbmFvef8TiJTY8EcZ5os50sDJtVxtrEqNNaN9squ/HGeCPPg6HJVkQitA1ZEutrzCsjDX8m3qUal7XHPVruxs+xDK',
  '/overOQ3ZZ83H/4gmia5ldPQcAguCW7LtGgQKoh7BjdNHBzI+8AXqr+dPcP1QRUdAd1PXcqLBV+50hUm/CeZpegEuvEMqOeOHBDN2z1/R5fWMzj05gif',
  'SYpYAulwkK0vx24qw+9ILEkSqkb15dhNZehOB/CP2bm5FoJwWgchAjbcfG/EE+6MQC52aHPedGISnoJ78LRSO5NwC07hcThVyieSlRG0ihrSUO4XoBEE',
  '9Mxnx4fjaQSx2eiNO8bTEDFn89wQp7QhKLgyjjKAgWNKIeMHwlEG4B2PgCpct65SUK4ilYMxqlWh1SVrNEp78UF/iKT1pRwh6Qe+VO9Q70e+NByZ4Ce+',
  '1JPE8h2gC1DnGvE8gMInKx4s6yq5Da7GFV5RnWH+HHUIdaMNupBnzOsjFjWPLIQDESPRbg+t9vATWze6p9IztE0GUSJ2nyx6i8AQZVhcOGjcaWQEh64V',
  'UJzsklyr58KAq4xjUaU5kb+wMYkUBSP6sI1H6v+UgcfjnO50BXqcuhFTevM3zmJhxBhRNaXB/PzPBsWFa7qdOtSMvENU/RMViNGh9NiIjDCECPjMbNeu',
  'fiC11LmLgE8UVA4VlPI8KuQ8ck/eS9pCBuz/mXxfr2U3nLsL6rByAiX8K+mhST7kixOBXSCzUY4tPV7nSmqcoWRp/7mbcj7kqgw9c9A6MAIiyxUzbeIS',
  'uqJaj7pyKJrIiP9+2D8eP+5cuv5t4ZMwLBTcKZeK+QE0ukDt0yULpCptFw3piiJuARtp7wSSz/6n8bN8S469zfKzMZLiXLelOFf6WptnCP7UWtHRrDuS',
  '1uT35u2Ep4UDJN9bIG/N1pa0aw0oE8PcCM9/GoxALXkc22CWQh57XZbHcjcpOVP3yf/iSi7T2Frcy7+CkmeMZmUV4ivraga88jGoCqyAwSl2yxZlUmr0',
  'smJnUUlERc0gvATvLH1Zef1oPbq6vH+c1YOtpagvYoPkAdWrw/XoHVp3noRBbwbFPtr6X4XTrPNPgeRJ0W6fPFckSWZkI3Pi7DmyB/QMgzuLawK/b7t8',
  'BRiJPJ7tABE75W93jwTl+LxH9j6hui72HdbJ5JAYj+tmTHw+p/3erMklgaRX6fsjneyfk3L9xNqF8yeUx/DDT4LNLikSCwgzmHgSRL1JaCYnq3E+nHsb',
  'YLm1mEaabI3e2pR7Zt2dzjFuZh7y5bgE3iysiL2XlsuujjumryXHtXSWnVuMoEyTBN3T5vWd1PolD1Qt52X2os7q60goMFYOnTSyyGRfYHS7LXT/vcH+',
  'yyV2fTb9nqLeu5L/5q+D784lmIMecUU+7Cog2KWhPAk2tgxXskejbBDGJWwvkRHvF5EbzjrnJwRKSPRs46lRuSCbnr7dEG+HeGOIByG8Qkba+I2PpifR',
  '7QeO9e3mETinSwrGhwLLHynfGqiDMwQbECsBL85L6El2Hv6LlyKxj9D5J+OxsDsmAB6mukmvzY53fBiIn2KwEe5pVcsKmuYXTjbPOzRgEXnSTlubMNWb',
  't14acvzIU71l2uWrxpjZ6kLL+eeWxogqomUOrnr58Zl7xOvRkZ+b/RPFM6Sks9KF4rPGTL2v9TbkvZz2tZjhAKyPKJLdl5Lueh+bUc+PgjZeG+DPiaEK',
  '4KSSJG7AbcSSdg2SSRGUkkcE4CTuwONwGR7nxkkdK2oiaVhTzF3A0/BMled0qMhIa0VE6hYFczcJp27RUMhJckfyIxYbyFjbNy9J07x/P68IcXfXhwdp',
  '4oSIZz+OxCQGYnhKbiSywDt9FSJgRQbTxhpRAP4mVgMQ6QGY++UCYDjwtw6wY0gBXUVdSD8EBa28CNp5JXTwcsdYwRgrnohF6z14HjTTb6kX4/BXEHit',
  'cwpCo7kX5hmTwBzeBgsMt371qE/hNSAYFq8W3dZmrveuWKbEkDocQqfDZmytMGG1exBav+ZBlKcwhSzgps4mJ6pT92Ic4EBgNkJYkwPdyR/gRBtZlHwk',
  'S8a15kBvFUM1KL/QGUkgCEXjRS0JL+0KV+5RIgB41olcNaIRIQG8N5FZcAhNqizFcTLMZyiS2Bj/+ivPFGQiM1nISjayk4Oc5BIDavzo6Q6d6UJXutGd',
  'HvQklz3OSCc604WudKM7PehJLntckE50pgtd6UZ3etCTUnKg7fBjDWdNFgKvNAEyul/9nAVeEZahNUIF3PDJH8evrS+ilgM3sENYaCwK2KvB5yVtEiSB',
  'hAFuxm24ea+fRiNChQ7jwDPwLDynkOaT8Boy9EkL3qplK3OslEpIxb9WjeBYKTCC1nrGy2kHcy2nRHsgBsK9c2HdN0SjVFOB7WSDgXPez4LUc0OAKjlJ',
  'G2XMR5SFrBSUAjnW4xfFqKBrBPQHrSXsg77GrD8GPylS30MK1vcEX4s/YOVmQfVagrWD+1zQ0ffGRWwyiLgnX4KjCsSEBzPcUgpTDQYEgZvzFBex4Chu',
  'PB/mWCrnoDIlKhEoUKYf+QsL+6fMjWccO+2BHlOORZXqw/qxsB/VomqlbgX5n6HGQ2v89oJJqQzriU+2HrR6uPd19lxBs04eA/JSk4ZHa5J6YjpLMpJs',
  'wM58HwAM/PTZxERfIq6oYVprjd++Ae6cH2YBMRh4d3N07HeS2N4r4MEzVh9L8RxWAm9pX+r7AFKiejdOpFDIRJ6xrWPswWGqmoZ+TsrgMd/BZLOqqr3O',
  'EU/zd6ifbYAG5vO757Hx21tE/sJG9obAMmE/mNMwABYioHd4+tnwfgcEAC7YVNmV/aKAcj8GnhjITjQe801xNGkSI+BAThD45h8R4KE18hUA4zHnpRHq',
  'UzLAKrKK8XZrHV2dDDhe1oibxK/hHNuMuWrJfLoGeF5uIHAz+jvFD5V4WkQMY+O0UQJ7L2xMb8g6lAf70bZxQpCKQfVyj+F2Hh3FkC5Vh/Qz72Iy3AzT',
  'PkMzCtcedCaBMgbsyOHZE7y3/ch36QRbYVJRhgoXeW6GRNgcujZPcsl9QDRGkJIfkxM3YCPncyaHcP/k2yusU3pqIzw5BzvKseq0yzwd/SEnyFIYT8L5',
  'xsIh/NMGxN4CIjkI4Y8q8OPtg8gUf6dRRvejwJxurBUCJ7FfZGTJjsGx6WMymXkd6geI0X8B9ieh8CejMPG7UATxu1HE8KdhEMdX6hrL6cTi9fI5f21u',
  'DT1rNorEXITBCxGGLV2JMKL87Ra1os8YJXg2OUL+giqzUVVN9WVv2iVvooTMp1RspgCWFjZLlQqWAuap/grv6V4XgOA0K1KlXmewH5RyPXoCihDvoCBt',
  'O7G3OZKlAFcxIKsihQb1Y+CLpObSL6izmMxf4uFRU5r28F9/nhXes/KuNH139kZgRbH12B/ix/I66Ji+f6+FkD3Xg1tYuGFvUeRc8loXa1C90SfkXrAf',
  'a68El3O3Jmbf9BI5kIFMiDSfMH/QZ0eEqC7WqUy/b3hEhjjza79jMJ6rSNAmoOU1IX8STt29OGk49BMknsDOOQ51XE4+TSjPDqduTVNbx2uABV3k1Oz8',
  'gyezZDIjNtOJCVu1JkFxFwz3eHKJsSkd68LV5q9a/eIMx3wKKil4c3xTjjVBIh3I2C901nO7VJZGV5W64SggqhFGQGcGDznkrFCBVpjz5IS0FigeH/wX',
  'DMjFOp5Xk8C5Mo40gNmCpCABfgjrKAeIfJ6HIJnivlgZXrxvICUlYXFlF7uiJWOjkvzabRkASIikXJonY0l/7bYMALRvUjGPYyYhCfCfBta9Ey01SQSw',
  '/xy4crL50PrSZT1oAJnpllelI+HEHcXF0jofcIzAhy2FfzQYqMrUYQ8alHux3rAw/voeL+e7V+FviltUw7b0HC93rgjHWBOTRwxbtJCCwX8M90IV1KQL',
  'dATa7cRYM/oedwz4W5mVHQi+X1I5HcOtMVfYMCVhXsCGqwL9A7ylit+6hek8H2b06JreHmETOoRVYxp7m+b8t1qz0O+OpSX1soXVJI1dAuzb9v3z9PTd',
  'OaQ7m5NMp0VO+m/sjkhQyewhHLiYu+yUlzb2HbYDiPvRbAVtP+X7WDxbqXay9ZKD6kV2bFXubuocur/GfS41w9uXv5JaLR2S+E9vOzi7TbuT9pDQQ+6Q',
  '7tT1ZfImuT3JQoNk/uSNl6N0/R3IOMhph/evf0Xog0V5OvdQCsql5uJqThafYGAB4qYeYimKfI9Fq29/WXgNyOmdyMR6Sb3OEQkfeirB88/c9iXs/DAz',
  'czDEykJ76fGFfZhbXOkVRVDs1n64EVO1m/fAjtk37woo5a1iW353mPnsVAMrElcTkjXP1gm2nOhsVsUsW12kBn/O9beRWjd7tO8VYHeO+BSXNrELYo6Q',
  'bqknhKplsbhN/kr3tUqcYylierHOtJ7+NxH80eRJhyty0x4s3v7KSIFltbh+9t6wbfDRXOj9yg9Lqn6qV3+lPHx1Vl+m8rR+/TeTyxR1GVcV6gpDw/EW',
  'Q06/VFG/eCwHIB8Lu0dB1ev2gc5hHXYa5t4eTk8LWCzvj7T4iZvrpt1KYIw5PP8gHSLvHxJz6jtopHP/P7hpiJuACY8j0/pLkVMn+12jOJ/LGgxcfTEa',
  '7mjlqcAM+cS14ar0dMdpEoWndt3nqg9JtAD6k0rLEcbv+GhOCt9Hg8SJiisXXk3XR2zdIps76773c1avYA+fLN+edaAwZ4efbvyabxQkrvw/YXhYkWgw',
  'ZfkmQItBDseIBnvVeVKia9KcwZRoAWTSeC10Y7AIu/qDk19Z11KIB+k2wpuFRBpVdM2FZ4XTjbYemlsZRabXWQxZgoryMRPbzkaJh4337zMl6wY12O3s',
  'bQrRMCdNqPX7pvjVSLVohIFa49o/dBh+Cz3WG3RLAXvxTvFSOhiEUqJZJzhHdkmCQt/xB4YtQWG25fc7M1XZtgc2ui0RVOEvEy5DDn9TWDLRbG63PiTh',
  'ebiPsKQ5m99O94Nm9OHjtwaAxWvyCQrQ1mKA4xZelvKzH0QoS7K7Qd0YTL4fmUcEHTEXBphtTN5x7q8Gc87bHXf8vJz/8350Z+FPbOW9q8DkBGaFM5Bq',
  'JZ3dYPRijRtOHas9sILlEr0TkRM6LQarTYo70TIuSaplVlu1BtLV9X5oblW42Zc9h/9sCw46C5vCCXiPefnl7FpUhRDTqvbspkS3eCl9GmCkWlmJKWCh',
  '+lU43iC9lhnf1ASdoSo2ubVAtOStMZDKW3Cia/ScbxuvHjLV/STLD6qze6QqcZb+iKSa6ko12MmYFDidT1ro1R8FnKFKnAQMRW3gQiWlSqsiKYzKwDVK',
  'mnAT9WgkpdmYTsZZ7Jwz+Ly6l3JosBDBm7nz950dvF9JwmqNNKXsAVEF4i/Hgsjg+cLIhbwvV5WgkyDMLygRqbbNpaA9EPc6jgq4zHFVwGVvQI8Iyadk',
  'I84K8gV5P/GyUL49AeCHAHOgHSRC3OG/mpsAAM8vRKMaikVTJ/H1eIaET9JaynNrxXhuwhgrM2pCzXDG5BdjJZy1MmtBlcYybh3uJ0wt6SuN5SaHEHaF',
  'E6t/JIE1fwi1smZLw8ZNevdf4KLuSZqeLkDJ+FI+iVy5xZ5NuhdwrFy439PzECC4e4OGhyAcDUlordygqp5nwBNErdwgpLYn8t7hgwo5JkKKzSNX7lHi',
  'AV4P4eJO2DIQdAziDTgB8u4JAElwM3oqT0afs7qToAI=',
];
