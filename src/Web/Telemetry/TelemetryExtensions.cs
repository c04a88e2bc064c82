using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>Sends metrics, traces and logs by OTLP, if the settings contain a receiver.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetrySettings(this IServiceCollection services)
    {
        services.AddSection<TelemetryOptions>(TelemetryOptions.Section);
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
    }

    /// <returns>Whether Serilog must pass events on to the host's logger providers, because one of them exports the events.</returns>
    public static bool AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Configuration.Read<TelemetryOptions>(TelemetryOptions.Section);
        var otlp = telemetry.Otlp;

        // The host creates the exporters before it validates the options, and an exporter's own errors do not name the setting.
        if (otlp.FindUrl() is not { } url || new TelemetryOptionsValidator().Validate(null, telemetry).Failed)
        {
            return false;
        }

        OtlpExport.Add(builder, otlp, url); // a separate class, so that OpenTelemetry's assemblies are loaded only when they are needed
        return true;
    }
}
