/** Concepts of statements: headers, bodies, and what a line is about. */
import { inHeader, inside, insideField, inText, parentType, type Concept } from './concept';

const lineBegins = (word: string): Concept =>
  inText(
    `line begins with ${word}`,
    `The first word of the token’s line is \`${word}\`.`,
    EXAMPLES[word],
    (token) => token.line.first === word,
  );

const EXAMPLES: Readonly<Record<string, string>> = {
  if: 'x = y\n«if a: b»',
  for: 'x = y\n«for a in b: c»',
  while: 'x = y\n«while a: b»',
  return: 'def f():\n    x = y\n    return« x»',
  import: 'x = y\n«import a»',
  from: 'x = y\n«from a import b»',
  def: 'x = y\n«def f(): pass»',
  class: 'x = y\n«class A: pass»',
  with: 'x = y\n«with a: pass»',
  raise: 'x = y\n«raise a»',
  assert: 'x = y\n«assert a»',
  self: 'x = y\n«self.a = b»',
  '@': 'x = y\n«@a»\ndef f(): pass',
};

export const STATEMENTS: readonly Concept[] = [
  ...Object.keys(EXAMPLES).map(lineBegins),
  inText(
    'header of a def',
    'The token is in the line of a def, up to its body.',
    '«def f(a)»: \n    x = y',
    (token) => inHeader(token, 'function_definition', 'body'),
  ),
  inText(
    'parameters of a def',
    'The token is among the parameters of a function.',
    'def f(«a, b=c»): pass',
    (token) => inside(token, 'parameters'),
  ),
  inText(
    'default of a parameter',
    'The token is in the default of a parameter.',
    'def f(a=«b», c=«d»): pass',
    (token) =>
      insideField(token, 'default_parameter', 'value') ||
      insideField(token, 'typed_default_parameter', 'value') ||
      (token.leaf?.field === 'value' && /^(typed_)?default_parameter$/.test(parentType(token))),
  ),
  inText(
    'a type annotation',
    'The token is in an annotation.',
    'def f(a:« int») ->« str»: pass',
    (token) => inside(token, 'type'),
  ),
  inText(
    'the return type',
    'The token is in the annotation after the arrow.',
    'def f(a: int) ->« str»: pass',
    (token) =>
      insideField(token, 'function_definition', 'return_type') ||
      token.leaf?.field === 'return_type',
  ),
  inText(
    'body of a def',
    'The token is in the body of a function.',
    'def f():\n    «x = y»',
    (token) => insideField(token, 'function_definition', 'body'),
  ),
  inText(
    'header of a class',
    'The token is in the line of a class, up to its body.',
    '«class A(B)»:\n    x = y',
    (token) => inHeader(token, 'class_definition', 'body'),
  ),
  inText(
    'body of a class outside its methods',
    'The token is in a class but in no function of it.',
    'class A:\n    «x = y»',
    (token) => {
      const at = token.ancestors.findLastIndex(
        ({ type }) => type === 'class_definition' || type === 'function_definition',
      );
      return (
        at >= 0 &&
        token.ancestors[at].type === 'class_definition' &&
        token.ancestors[at + 1]?.field === 'body'
      );
    },
  ),
  inText(
    'in a method',
    'The token is in a function of a class.',
    'class A:\n    def f(self): «pass»',
    (token) => {
      const at = token.ancestors.findIndex(({ type }) => type === 'class_definition');
      return (
        at >= 0 && token.ancestors.slice(at).some(({ type }) => type === 'function_definition')
      );
    },
  ),
  inText(
    'header of a for',
    'The token is in the line of a for, up to its body.',
    '«for a in b»:\n    x = y',
    (token) => inHeader(token, 'for_statement', 'body', 'alternative'),
  ),
  inText(
    'body of a for',
    'The token is in the body of a for.',
    'for a in b:\n    «x = y»',
    (token) => insideField(token, 'for_statement', 'body'),
  ),
  inText(
    'header of a while',
    'The token is in the line of a while, up to its body.',
    '«while a»:\n    x = y',
    (token) => inHeader(token, 'while_statement', 'body', 'alternative'),
  ),
  inText(
    'body of a while',
    'The token is in the body of a while.',
    'while a:\n    «x = y»',
    (token) => insideField(token, 'while_statement', 'body'),
  ),
  inText(
    'condition of an if',
    'The token is in the condition of an if.',
    'if« a and b»:\n    x = y',
    (token) =>
      insideField(token, 'if_statement', 'condition') ||
      (parentType(token) === 'if_statement' && token.leaf?.field === 'condition'),
  ),
  inText('body of an if', 'The token is in the body of an if.', 'if a:\n    «x = y»', (token) =>
    insideField(token, 'if_statement', 'consequence'),
  ),
  inText(
    'body of an else',
    'The token is in the body of an else.',
    'if a:\n    b\nelse:\n    «x = y»',
    (token) => insideField(token, 'else_clause', 'body'),
  ),
  inText(
    'in a try',
    'The token is in a try or one of its clauses.',
    '«try:\n    x = y\nexcept A:\n    pass»\nz = x',
    (token) => inside(token, 'try_statement'),
  ),
  inText(
    'header of a with',
    'The token is in the line of a with, up to its body.',
    '«with a as b»:\n    x = y',
    (token) => inHeader(token, 'with_statement', 'body'),
  ),
  inText(
    'body of a with',
    'The token is in the body of a with.',
    'with a as b:\n    «x = y»',
    (token) => insideField(token, 'with_statement', 'body'),
  ),
  inText('in an import', 'The token is in an import.', '«from a import b»\nx = y', (token) =>
    inside(token, 'import_statement', 'import_from_statement'),
  ),
  inText('in a decorator', 'The token is in a decorator.', '«@a.b»\ndef f(): pass', (token) =>
    inside(token, 'decorator'),
  ),
  inText('in a lambda', 'The token is in a lambda.', 'x =« lambda a: b»\ny = x', (token) =>
    inside(token, 'lambda'),
  ),
  inText(
    'in a return',
    'The token is in what is returned.',
    'def f():\n    x = y\n    return« x + y»',
    (token) => inside(token, 'return_statement') && token.word !== 'return',
  ),
  inText('in a raise', 'The token is in a raise.', 'x = y\n«raise A(b)»', (token) =>
    inside(token, 'raise_statement'),
  ),
  inText('in an assert', 'The token is in an assert.', 'x = y\n«assert a == b»', (token) =>
    inside(token, 'assert_statement'),
  ),
  inText(
    'left of an assignment',
    'The token is left of the = of an assignment.',
    '«x» = y',
    (token) =>
      insideField(token, 'assignment', 'left') ||
      (parentType(token) === 'assignment' && token.leaf?.field === 'left'),
  ),
  inText(
    'right of an assignment',
    'The token is right of the = of an assignment.',
    'x =« y + z»',
    (token) =>
      insideField(token, 'assignment', 'right') ||
      (parentType(token) === 'assignment' && token.leaf?.field === 'right'),
  ),
  inText('in a comparison', 'The token is in a comparison.', 'if «a == b» and c: pass', (token) =>
    inside(token, 'comparison_operator'),
  ),
  inText(
    'in a conditional expression',
    'The token is in `a if b else c`.',
    'x =« a if b else c»\ny = z',
    (token) => inside(token, 'conditional_expression'),
  ),
  inText(
    'in a syntax error',
    'The grammar could make nothing of what the token is in.',
    'x = y\n«def f(( = 3»',
    (token) => inside(token, 'ERROR'),
  ),
];
