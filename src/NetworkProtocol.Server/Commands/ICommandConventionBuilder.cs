namespace NetworkProtocol.Server.Commands;

/// <summary>A command or a group of commands that is being mapped.</summary>
public interface ICommandConventionBuilder
{
    /// <summary>Adds a convention, which is applied when the server starts.</summary>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    void Add(Action<CommandOptions> convention);
}
