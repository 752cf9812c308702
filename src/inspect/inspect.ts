/** What an image is made of, in numbers and as a page. */

import { writeOutput } from '../commit/write-output.ts';
import { type OpenImageOptions, openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import { type Inspection, inspectionOf } from './inspection.ts';
import { renderPage } from './page/render-page.ts';
import { Survey } from './survey.ts';

export interface InspectOptions extends OpenImageOptions {
  readonly signal?: AbortSignal;
  /** A file to write: a page that shows where the bytes of the image are. It needs nothing but a browser. */
  readonly html?: string;
}

/**
 * Counts all of an image, in one walk. Throws `E_IMAGE`, `E_COMPRESSION`, `E_ABORTED`, `E_OUTPUT` where the page cannot be
 * written, or what opening throws.
 */
export async function inspectImage(
  image: string,
  options: InspectOptions = {},
): Promise<Inspection> {
  const turns = new Turns(options.signal);
  const opened = openImage(image, options);
  try {
    const survey = new Survey(opened.reader);
    const root = await survey.run(turns);
    const inspection = inspectionOf(image, opened.reader, survey);
    if (options.html !== undefined) {
      const page = Buffer.from(renderPage({ inspection, root, survey }));
      await writeOutput([page], options.html, [image, ...(options.devices ?? [])]);
    }
    return inspection;
  } finally {
    opened.close();
  }
}
