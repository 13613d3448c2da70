import { expect, test } from 'vitest';
import { signGet } from './sign-v4.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const now = new Date('2013-05-24T00:00:00Z');

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. */
test.each([
  ['test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('signs %s as AWS does', (path, headers, signature) => {
  const url = new URL(`https://examplebucket.s3.amazonaws.com/${path}`);
  const signed = signGet(url, headers, 'us-east-1', credentials, now);
  expect(signed.authorization).toMatch(
    new RegExp(
      `^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=\\S+,Signature=${signature}$`,
    ),
  );
  expect(signed['x-amz-date']).toBe('20130524T000000Z');
});

test('temporary credentials are signed with their token', () => {
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt');
  const signed = signGet(url, {}, 'us-east-1', { ...credentials, sessionToken: 'token' }, now);
  expect(signed['x-amz-security-token']).toBe('token');
  expect(signed.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,');
});
