import { isObject, type JsonObject, objectAt, stringAt } from './json-object.ts';

/** `812 bytes`, `34 KB`, `1.2 MB`; 1024-based. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1000 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

/**
 * What stands for a picture in a text: `[image: png, 34 KB]`, or `[image]` where no more is known. Knows the blocks of
 * the APIs of Anthropic (`source`), OpenAI (`image_url`) and Google (`inlineData`).
 */
export function imageMark(block: JsonObject): string {
  const { type, size } = imageFacts(block);
  const facts = [type, size === undefined ? undefined : formatBytes(size)].filter((fact) => fact !== undefined);
  return facts.length === 0 ? '[image]' : `[image: ${facts.join(', ')}]`;
}

/** Such a mark in a text. */
export const IMAGE_MARK = /\[image[^\]\n]{0,40}\]/;

interface ImageFacts {
  readonly type?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

function imageFacts(block: JsonObject): ImageFacts {
  const address = isObject(block.image_url) ? block.image_url.url : block.image_url;
  if (typeof address === 'string') return dataUrlFacts(address);
  const source = objectAt(block, 'source') ?? objectAt(block, 'inlineData') ?? objectAt(block, 'fileData');
  const data = stringAt(source, 'data');
  return {
    type: imageType(stringAt(source, 'media_type', 'mimeType')),
    size: data === undefined ? undefined : decodedSize(data, 0),
  };
}

function dataUrlFacts(address: string): ImageFacts {
  const head = /^data:([^;,]{1,40});base64,/.exec(address);
  return head ? { type: imageType(head[1]), size: decodedSize(address, head[0].length) } : {};
}

const imageType = (mediaType: string | undefined): string | undefined =>
  /^image\/([a-z0-9.+-]{1,20})$/i.exec(mediaType ?? '')?.[1]?.toLowerCase();

/** Of four characters of base64 come three bytes. */
function decodedSize(text: string, from: number): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor(((text.length - from) * 3) / 4) - padding;
}
