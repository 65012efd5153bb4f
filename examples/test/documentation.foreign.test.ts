import { testDocumentation } from './documentation-tests.ts';

testDocumentation('foreign');
