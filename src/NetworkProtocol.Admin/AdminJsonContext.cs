using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Admin;

/// <summary>The generated serializers of the API's objects: names in camel case, enumerations in snake case.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(RoleConverter)])]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(Series))]
[JsonSerializable(typeof(PageOf<ConnectionRow>))]
[JsonSerializable(typeof(ConnectionDetail))]
[JsonSerializable(typeof(PageOf<ClosedRow>))]
[JsonSerializable(typeof(PageOf<ErrorRow>))]
[JsonSerializable(typeof(IReadOnlyList<ErrorKindRow>))]
[JsonSerializable(typeof(IReadOnlyList<BreakerRow>))]
[JsonSerializable(typeof(IReadOnlyList<BanRow>))]
[JsonSerializable(typeof(IReadOnlyList<CertificateRow>))]
[JsonSerializable(typeof(DrainRow))]
[JsonSerializable(typeof(IReadOnlyList<SettingRow>))]
[JsonSerializable(typeof(IReadOnlyList<CheckRow>))]
[JsonSerializable(typeof(IReadOnlyList<TokenRow>))]
[JsonSerializable(typeof(PageOf<AuditEntry>))]
[JsonSerializable(typeof(HubSlice<HubSourceRow>))]
[JsonSerializable(typeof(HubSlice<HubSeriesRow>))]
[JsonSerializable(typeof(HubSlice<HubReadingRow>))]
[JsonSerializable(typeof(HubSlice<HubRollupRow>))]
[JsonSerializable(typeof(HubSlice<HubLossRow>))]
[JsonSerializable(typeof(HubSlice<HubDeadLetterRow>))]
[JsonSerializable(typeof(HubTotalsRow))]
[JsonSerializable(typeof(EdgeRow))]
[JsonSerializable(typeof(DisconnectRequest))]
[JsonSerializable(typeof(BanRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(EdgeDiscardRequest))]
[JsonSerializable(typeof(Done))]
internal sealed partial class AdminJsonContext : JsonSerializerContext
{
    private sealed class RoleConverter() : JsonStringEnumConverter<Role>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}
