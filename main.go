// Kindling is a terminal todo client for Kinde and InsForge.
package main

func main() {}
