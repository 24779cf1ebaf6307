//go:build gradc_requires

package main

import _ "github.com/gradc/gradc/dsl"
