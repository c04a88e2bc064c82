using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace NetworkProtocol.Settings;

/// <summary>A section of the program's configuration, as <see cref="SettingsExtensions.AddSection"/> has added it.</summary>
public sealed class SettingsSection
{
    private readonly Func<IConfiguration, object> _read;
    private readonly Func<IServiceProvider, object> _inEffect;

    internal SettingsSection(string path, Type options, Func<IConfiguration, object> read, Func<IServiceProvider, object> inEffect) =>
        (Path, Options, _read, _inEffect) = (path, options, read, inEffect);

    /// <summary>Its key, as <c>NetworkProtocol:Server</c>.</summary>
    public string Path { get; }

    /// <summary>The type of its options.</summary>
    public Type Options { get; }

    /// <summary>All sections of a program, in the order in which they were added.</summary>
    /// <param name="services">The program's services, before they are built.</param>
    public static IReadOnlyList<SettingsSection> Of(IServiceCollection services) =>
        [.. services.Select(service => service.IsKeyedService ? null : service.ImplementationInstance).OfType<SettingsSection>()];

    /// <summary>The section's settings as a configuration has them, without what the program changes afterwards.</summary>
    public object Read(IConfiguration configuration) => _read(configuration);

    /// <summary>The settings that the program goes by.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A value is wrong.</exception>
    public object InEffect(IServiceProvider services) => _inEffect(services);
}
