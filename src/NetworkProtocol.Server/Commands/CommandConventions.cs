using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Commands;

/// <summary>The conventions of a command, or of all commands of a group.</summary>
public static class CommandConventions
{
    /// <summary>
    /// Lets only clients with a name (<see cref="Connection.Identity"/>) send the command; other clients get <c>ERROR</c>. The requirements
    /// of a group apply in addition to those of its commands.
    /// </summary>
    /// <param name="builder">The command or group.</param>
    /// <param name="identities">
    /// The clients that may send it, as <c>cn:orders</c>, <c>dns:orders.example</c>, <c>uri:spiffe://example/orders</c> or <c>uid:1000</c>;
    /// none for every client with a name.
    /// </param>
    /// <exception cref="ArgumentException">A name does not have this form.</exception>
    public static TBuilder RequireIdentity<TBuilder>(this TBuilder builder, params string[] identities)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(identities);
        Array.ForEach(identities, identity => ArgumentNullException.ThrowIfNull(identity, nameof(identities)));
        var allowed = identities.Select(Read).ToHashSet(StringComparer.Ordinal);
        return builder.With(command => command.Requirements.Add(client =>
            client.Kind == ClientIdentityKind.None ? "needs a client with a name: a certificate with one, or a Unix socket"
            : allowed.Count == 0 || allowed.Contains(client.ToString()) ? null
            : $"is not allowed for {client}"));

        static string Read(string identity) => ClientIdentity.TryNormalize(identity, out var name) ? name
            : throw new ArgumentException(
                $"'{identity}' must begin with cn:, dns:, uri: or uid: (and then a number), as cn:orders.", nameof(identities));
    }

    /// <summary>Has a <see cref="LocalEndpoint"/> serve the command, in place of the server's own endpoints.</summary>
    /// <param name="builder">The command or group.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    public static TBuilder OnEndpoint<TBuilder>(this TBuilder builder, string endpoint)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        return builder.With(command => command.Endpoint = endpoint);
    }

    /// <summary>Lets only clients with a verified certificate send the command; other clients get <c>ERROR</c>.</summary>
    public static TBuilder RequireCertificate<TBuilder>(this TBuilder builder)
        where TBuilder : ICommandConventionBuilder =>
        builder.With(command => command.Requirements.Add(client => client.Thumbprint is null ? "needs a client certificate" : null));

    /// <summary>Sets how long a handler may take, in place of <see cref="ServerOptions.RequestTimeout"/>.</summary>
    /// <param name="builder">The command or group.</param>
    /// <param name="timeout">More than zero, at most a day.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public static TBuilder WithTimeout<TBuilder>(this TBuilder builder, TimeSpan timeout)
        where TBuilder : ICommandConventionBuilder
    {
        CommandOptions.CheckTimeout(timeout);
        return builder.With(command => command.Timeout = timeout);
    }

    /// <summary>Sets the largest payload. A request with a larger payload gets <c>ERROR</c>, and no handler runs.</summary>
    /// <param name="builder">The command or group.</param>
    /// <param name="bytes">0 to 16,777,216. <see cref="ServerOptions.MaxPayloadBytes"/> applies as well.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public static TBuilder WithMaxPayload<TBuilder>(this TBuilder builder, int bytes)
        where TBuilder : ICommandConventionBuilder
    {
        CommandOptions.CheckMaxPayload(bytes);
        return builder.With(command => command.MaxPayloadBytes = bytes);
    }

    /// <summary>
    /// Limits how many handlers of a command run at once over all connections. Further requests wait for their turn, in order; the wait
    /// counts towards the request's timeout. In a group the limit applies to each command by itself.
    /// </summary>
    /// <param name="builder">The command or group.</param>
    /// <param name="handlers">1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public static TBuilder WithConcurrency<TBuilder>(this TBuilder builder, int handlers)
        where TBuilder : ICommandConventionBuilder
    {
        CommandOptions.CheckConcurrency(handlers);
        return builder.With(command => command.Concurrency = handlers);
    }

    /// <summary>Adds objects that filters and handlers read in <see cref="CommandContext.Metadata"/>.</summary>
    public static TBuilder WithMetadata<TBuilder>(this TBuilder builder, params object[] metadata)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return builder.With(command => Array.ForEach(metadata, command.Metadata.Add));
    }

    /// <summary>Puts a filter before the handler.</summary>
    public static TBuilder AddFilter<TBuilder>(this TBuilder builder, ICommandFilter filter)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(filter);
        return builder.With(command => command.Filters.Add(filter));
    }

    /// <summary>Puts a function before the handler.</summary>
    public static TBuilder AddFilter<TBuilder>(
        this TBuilder builder, Func<CommandContext, CommandHandler, CancellationToken, ValueTask<Message?>> filter)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(filter);
        return builder.AddFilter(new FunctionFilter(filter));
    }

    /// <summary>
    /// Puts a filter before the handler: a registered service, or an object that is created with its dependencies. All commands of a group
    /// share one filter.
    /// </summary>
    public static CommandBuilder AddFilter<TFilter>(this CommandBuilder builder)
        where TFilter : class, ICommandFilter => AddFilter<CommandBuilder, TFilter>(builder);

    /// <inheritdoc cref="AddFilter{TFilter}(CommandBuilder)"/>
    public static CommandGroup AddFilter<TFilter>(this CommandGroup builder)
        where TFilter : class, ICommandFilter => AddFilter<CommandGroup, TFilter>(builder);

    private static TBuilder AddFilter<TBuilder, TFilter>(TBuilder builder)
        where TBuilder : ICommandConventionBuilder
        where TFilter : class, ICommandFilter
    {
        TFilter? filter = null;
        return builder.With(command =>
            command.Filters.Add(filter ??= ActivatorUtilities.GetServiceOrCreateInstance<TFilter>(command.Services)));
    }

    private static TBuilder With<TBuilder>(this TBuilder builder, Action<CommandOptions> convention)
        where TBuilder : ICommandConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(convention);
        return builder;
    }

    private sealed class FunctionFilter(
        Func<CommandContext, CommandHandler, CancellationToken, ValueTask<Message?>> function) : ICommandFilter
    {
        public ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken) =>
            function(context, next, cancellationToken);
    }
}
