// Puts a counter at every place where the way through a program may part: the heads of functions, both branches of an
// `if`, loop bodies, cases, and the right-hand sides of ?:, &&, || and ??. The counters are one array of bytes.
import ts from 'typescript';

/** Name of the array in the instrumented program; the runner puts it on `globalThis` first. */
export const COUNTERS = '__counters';

/**
 * Returns the program with counters, how many there are, and its constants: what it compares bytes with is what an input
 * should contain.
 */
export function instrument(source) {
  const file = ts.createSourceFile('program.mjs', source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const insertions = [];
  const constants = new Set();
  let places = 0;
  const count = () => `${COUNTERS}[${places++}]++`;
  const insert = (at, text) => insertions.push({ at, text, order: insertions.length });
  const intoBlock = (block) => insert(block.getStart(file) + 1, `${count()};`);
  const asBlock = (statement) => {
    if (ts.isBlock(statement)) intoBlock(statement);
    else {
      insert(statement.getStart(file), `{${count()};`);
      insert(statement.end, '}');
    }
  };
  const asExpression = (expression) => {
    insert(expression.getStart(file), `(${count()},`);
    insert(expression.end, ')');
  };

  const visit = (node) => {
    // What is closed last in the text is inserted first at one place: inner nodes come before outer ones.
    ts.forEachChild(node, visit);
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      if (ts.isBlock(node.body)) intoBlock(node.body);
      else asExpression(node.body);
    } else if (ts.isIfStatement(node)) {
      asBlock(node.thenStatement);
      if (node.elseStatement === undefined) insert(node.end, ` else {${count()};}`);
      else asBlock(node.elseStatement);
    } else if (ts.isIterationStatement(node, false)) asBlock(node.statement);
    else if (ts.isCaseOrDefaultClause(node)) {
      const colon = source.indexOf(':', ts.isCaseClause(node) ? node.expression.end : node.getStart(file));
      insert(colon + 1, `${count()};`);
    } else if (ts.isCatchClause(node)) intoBlock(node.block);
    else if (ts.isConditionalExpression(node)) {
      asExpression(node.whenTrue);
      asExpression(node.whenFalse);
    } else if (ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind)) asExpression(node.right);
    else if (ts.isNumericLiteral(node)) constants.add(Number(node.text));
    else if (ts.isStringLiteralLike(node) && node.text.length <= 32) constants.add(node.text);
  };
  visit(file);
  return {
    program: `const ${COUNTERS} = globalThis.${COUNTERS};\n${apply(source, insertions)}`,
    places,
    constants: [...constants],
  };
}

const LOGICAL = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/**
 * At one position closing texts come before opening ones. Of closing texts the inner node's comes first, which was
 * visited first; of opening ones the outer node's, visited last.
 */
function apply(source, insertions) {
  const closes = ({ text }) => text === ')' || text === '}' || text.startsWith(' else');
  insertions.sort((a, b) => {
    if (a.at !== b.at) return a.at - b.at;
    if (closes(a) !== closes(b)) return closes(a) ? -1 : 1;
    return closes(a) ? a.order - b.order : b.order - a.order;
  });
  let out = '';
  let at = 0;
  for (const { at: to, text } of insertions) {
    out += source.slice(at, to) + text;
    at = to;
  }
  return out + source.slice(at);
}
