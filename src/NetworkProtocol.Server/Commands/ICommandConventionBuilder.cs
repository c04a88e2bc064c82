namespace NetworkProtocol.Server.Commands;

/// <summary>A command or a group of commands that is being mapped.</summary>
public interface ICommandConventionBuilder
{
    /// <summary>Adds what is decided when the server starts.</summary>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    void Add(Action<CommandOptions> convention);
}
