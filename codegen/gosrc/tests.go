package gosrc

func (e *emitter) tests(file *code) error { return nil }
