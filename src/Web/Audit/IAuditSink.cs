namespace NetworkProtocol.Web.Audit;

/// <summary>Takes what somebody did, or tried to, and keeps it.</summary>
internal interface IAuditSink
{
    /// <summary>Keeps an entry, so that it outlives the process.</summary>
    /// <exception cref="IOException">It could not be kept: what it announces must not be done.</exception>
    Task WriteAsync(string who, string from, string via, string action, string target, string result, string text, string id = "");
}
