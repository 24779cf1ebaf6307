package host

// params emits what the trainer knows of the network.
func (n *Net) params(file *Code) error {
	spec, err := specification(n.Plan, n.Model)
	file.list = append(file.list, embed())
	file.Add(spec)
	return err
}
