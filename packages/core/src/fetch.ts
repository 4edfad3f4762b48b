export { fetchTransport } from './transport/fetch.ts'
