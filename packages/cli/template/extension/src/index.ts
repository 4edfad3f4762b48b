export { FooClient } from './client.ts'
export { foo } from './register.ts'
export { FooService } from './service.ts'
