package gosrc

// params emits what the trainer knows of the network.
func (e *emitter) params(file *code) error {
	file.list = append(file.list, embed())
	file.add(specification(e.Plan, e.Model))
	return nil
}
