import { bundleInto } from './bundle'

bundleInto('dist')
