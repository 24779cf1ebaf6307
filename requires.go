//go:build gradc_requires

package gradc

import _ "github.com/gradc/gradc/dsl"
