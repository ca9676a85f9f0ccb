import { expect, it } from 'vitest';
import { asksForPicture, pictureUpdateBody, pictureUpdateType } from './picture-update.ts';

const asks = (body: string, type = pictureUpdateType) => asksForPicture(type, Buffer.from(body));

it('a wish for a whole picture is read as telephones write it, and as we do', () => {
  expect(asks(pictureUpdateBody)).toBe(true);
  expect(asks(pictureUpdateBody, 'Application/Media_Control+XML; charset=utf-8')).toBe(true);
  expect(asks('<media_control><to_encoder><picture_fast_update></picture_fast_update></to_encoder>')).toBe(
    true,
  );
  expect(asks('<mc:picture_fast_update_gob><first_gob>1</first_gob>')).toBe(true);
});

it('everything else is none', () => {
  expect(asks('')).toBe(false);
  expect(asks(pictureUpdateBody, 'application/dtmf-relay')).toBe(false);
  expect(asks('<media_control><general_error>picture_fast_update</general_error></media_control>')).toBe(
    false,
  );
  expect(asks(`${pictureUpdateBody}${' '.repeat(1000)}`)).toBe(false);
});
