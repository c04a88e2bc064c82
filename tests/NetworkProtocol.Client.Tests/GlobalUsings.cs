global using Integration.Tests;
global using NetworkProtocol.Messages;
