// Style as a check: what neither formatter nor linter knows of this project. 0 files read is a failure.
import { report } from './checks/report.ts';
import { codeFiles, textFiles } from './checks/source-tree.ts';
import { codeFindings, textFindings } from './checks/tidy-rules.ts';

const texts = textFiles();
process.exitCode = report('tidy', texts.length, [...codeFindings(codeFiles()), ...textFindings(texts)]);
