package host

// params emits what the trainer knows of the network.
func (n *Net) params(file *Code) error {
	file.list = append(file.list, embed())
	file.Add(specification(n.Plan, n.Model))
	return nil
}
