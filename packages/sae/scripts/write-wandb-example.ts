// `npx tsx packages/sae/scripts/write-wandb-example.ts FOLDER`: writes the run that scripts/record-wandb.py sends.
import { writeExample } from '../src/logging/wandb/example.fixture.ts';

const [folder] = process.argv.slice(2);
if (!folder) throw new RangeError('the folder to write into is missing');
console.log(await writeExample(folder));
