/** Opens all there is, uses it, closes it. A process that does not end by itself afterwards has leaked something. */
import {Port, TestAgent, TestMaster, until} from './cluster.ts'

const masterPort = await Port.open()
const master = new TestMaster()
masterPort.serve({master: master.mesh})
const ports = [await Port.open(), await Port.open()]
const agents = ports.map((port, index) => {
  const agent = new TestAgent(`n${index + 1}`, masterPort.address, {address: port.address})
  port.serve({agent: agent.mesh})
  return agent
})
const local = new TestAgent('local', master.mesh)
const stranger = new TestAgent('n9', 'ws://127.0.0.1:1')
await Promise.all([...agents, local].map(agent => agent.mesh.joined))
await until(() => agents[0]!.mesh.view?.members.length === 3, 'all known')
await master.mesh.request('local', {type: 'read-head', epoch: 1, tag: 't'})
await agents[0]!.mesh.request('n2', {type: 'fetch-tag', tag: 't', after: 0})
await Promise.all([...agents, local, stranger].map(agent => agent.mesh.close()))
await master.mesh.close()
await Promise.all([masterPort, ...ports].map(port => port.close()))
process.stdout.write('closed\n')
