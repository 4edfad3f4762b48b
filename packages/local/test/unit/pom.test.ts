import { describe, expect, it } from 'vitest'
import { extensionPom, servicesPom } from '../../src/pom.ts'
import { checkVersion } from '../../src/versions.ts'

const known = checkVersion('33.0.0', [])

describe('the POM that Maven resolves', () => {
  it("asks for Druid's services, without what no repository has", () => {
    const pom = servicesPom('33.0.0', known)
    expect(pom).toContain('<artifactId>druid-services</artifactId>')
    expect(pom).toContain('<version>33.0.0</version>')
    expect(pom).toContain('<groupId>org.hyperic</groupId><artifactId>*</artifactId>')
  })

  it('asks for an extension without the jars that Druid has', () => {
    const pom = extensionPom('33.0.0', 'druid-datasketches', known)
    expect(pom).toContain('<groupId>org.apache.druid.extensions</groupId>')
    expect(pom).toContain('<artifactId>druid-datasketches</artifactId>')
    expect(pom).toContain('<groupId>org.apache.druid</groupId><artifactId>*</artifactId>')
  })

  it('puts a jar in place of one that cannot be resolved, where a version needs it', () => {
    const pom = servicesPom('27.0.0', {
      exclude: ['org.apache.druid:druid-indexing-hadoop'],
      substitutes: [
        { groupId: 'org.apache.druid', artifactId: 'druid-indexing-hadoop', version: '28.0.0' },
      ],
      extensions: {},
    })
    expect(pom).toContain(
      '<groupId>org.apache.druid</groupId><artifactId>druid-indexing-hadoop</artifactId></exclusion>',
    )
    expect(pom).toContain('<version>28.0.0</version>')
    expect(pom).toContain('<groupId>*</groupId><artifactId>*</artifactId>')
  })

  it('names no registry: the settings of the user say where jars come from', () => {
    expect(servicesPom('33.0.0', known)).not.toMatch(/<repositor|<url>|https:/)
  })
})
